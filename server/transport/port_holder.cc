#include "server/transport/port_holder.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

namespace skep::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kListening = "0A";

template <class Number>
std::optional<Number> Parsed(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Adds what /proc/PID/fd calls the listening sockets of the port; `table` is /proc/net/tcp or tcp6.
void AddListeners(const char* table, std::uint16_t port, std::set<std::string>* names) {
  std::ifstream file(table);
  std::string line;
  while (std::getline(file, line)) {
    // Number, local and remote address, state, queues, timer, retransmits, user, timeout, inode.
    std::istringstream fields(line);
    std::string number, local, remote, state, skipped, inode;
    fields >> number >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) fields >> skipped;
    if (!(fields >> inode) || state != kListening) continue;
    const std::size_t colon = local.rfind(':');
    if (colon == std::string::npos) continue;
    if (Parsed<std::uint16_t>(std::string_view(local).substr(colon + 1), 16) == port) {
      names->insert("socket:[" + inode + "]");
    }
  }
}

bool HasOneOf(const fs::path& process, const std::set<std::string>& names) {
  std::error_code error;  // Another user's, or gone meanwhile: not told.
  for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code unread;
    if (names.contains(fs::read_symlink(it->path(), unread).string())) return true;
  }
  return false;
}

}  // namespace

std::optional<pid_t> HolderOfPort(std::uint16_t port) {
  std::set<std::string> names;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) AddListeners(table, port, &names);
  if (names.empty()) return std::nullopt;
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    const auto pid = Parsed<pid_t>(it->path().filename().string(), 10);
    if (pid.has_value() && HasOneOf(it->path(), names)) return pid;
  }
  return std::nullopt;
}

}  // namespace skep::server
