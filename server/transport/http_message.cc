#include "server/transport/http_message.h"

namespace skep::server {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

}  // namespace

std::string_view HttpRequest::Field(std::string_view name) const {
  for (const HttpField& field : fields) {
    if (EqualIgnoringCase(field.name, name)) return field.value;
  }
  return {};
}

std::size_t HttpReply::body_size() const {
  std::size_t size = bytes_sent + text.size();
  for (const BodyPart& part : parts) size += part.bytes.size();
  return size;
}

}  // namespace skep::server
