// Query strings, and the paths of request targets, of any bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/codec/query_string.h"

namespace skep::server {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckQuery(std::string_view query) {
  QueryString pairs(query);
  std::string_view name;
  std::string_view value;
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (pairs.Next(&name, &value)) {
    bytes += name.size() + value.size();
    ++count;
  }
  // Escapes only shrink, and a pair takes a byte at least.
  Require(bytes <= query.size());
  Require(count <= query.size());
}

// The first value of a name is what QueryValues has for it.
void CheckFirstWins(std::string_view query) {
  const QueryValues<1> values(query, {"a"});
  QueryString pairs(query);
  std::string_view name;
  std::string_view value;
  while (pairs.Next(&name, &value)) {
    if (name != "a") continue;
    Require(values[0] == value);
    return;
  }
  Require(values[0].empty());
}

void CheckUnescape(std::string_view text) {
  std::string out;
  if (AppendUnescaped(text, Plus::kIsItself, &out)) Require(out.size() <= text.size());
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  skep::server::CheckQuery(text);
  skep::server::CheckFirstWins(text);
  skep::server::CheckUnescape(text);
  return 0;
}
