#include "server/codec/media_type.h"

#include "server/codec/ascii_case.h"

namespace skep::server {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// Takes what stands before the next `separator` off the front.
std::string_view TakePart(std::string_view* text, char separator) {
  const std::size_t end = text->find(separator);
  const std::string_view part = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return Trim(part);
}

// "q=0", with or without zeros behind a point.
bool IsZeroWeight(std::string_view parameter) {
  if (parameter.size() < 3 || !EqualsIgnoringCase(parameter.substr(0, 2), "q=")) return false;
  return parameter.find_first_not_of("0.", 2) == std::string_view::npos;
}

bool IsRefused(std::string_view parameters) {
  while (!parameters.empty()) {
    if (IsZeroWeight(TakePart(&parameters, ';'))) return true;
  }
  return false;
}

}  // namespace

MediaType MediaTypeOf(std::string_view content_type) {
  const std::string_view type = TakePart(&content_type, ';');
  if (type.empty()) return MediaType::kNone;
  if (EqualsIgnoringCase(type, "application/json")) return MediaType::kJson;
  if (EqualsIgnoringCase(type, "text/yaml")) return MediaType::kYaml;
  if (EqualsIgnoringCase(type, "multipart/form-data")) return MediaType::kForm;
  return MediaType::kOther;
}

MediaType Negotiate(std::string_view accept, MediaTypes offered) {
  if (Trim(accept).empty()) return MediaType::kJson;
  bool takes_yaml = false;
  while (!accept.empty()) {
    std::string_view range = TakePart(&accept, ',');
    const std::string_view type = TakePart(&range, ';');
    if (IsRefused(range)) continue;
    if (type == "*/*" || MediaTypeOf(type) == MediaType::kJson) return MediaType::kJson;
    takes_yaml = takes_yaml || MediaTypeOf(type) == MediaType::kYaml;
  }
  const bool offers_yaml = (offered & SetOf(MediaType::kYaml)) != 0;
  return takes_yaml && offers_yaml ? MediaType::kYaml : MediaType::kNone;
}

}  // namespace skep::server
