// Media types: what a body is, and what a client wants one to be (spec kie 1.2.5, 1.2.6).
#ifndef SKEP_SERVER_CODEC_MEDIA_TYPE_H_
#define SKEP_SERVER_CODEC_MEDIA_TYPE_H_

#include <cstdint>
#include <string_view>

namespace skep::server {

enum class MediaType : std::uint8_t { kNone, kJson, kYaml, kForm, kOther };

/// A set of media types, to be joined by |.
using MediaTypes = std::uint8_t;

constexpr MediaTypes SetOf(MediaType type) {
  return static_cast<MediaTypes>(1U << static_cast<unsigned>(type));
}

inline constexpr MediaTypes kAnyMedia = 0xff;
inline constexpr MediaTypes kJsonOnly = SetOf(MediaType::kJson);
inline constexpr MediaTypes kJsonOrYaml = SetOf(MediaType::kJson) | SetOf(MediaType::kYaml);
inline constexpr MediaTypes kJsonYamlOrForm = kJsonOrYaml | SetOf(MediaType::kForm);

/// Of a Content-Type field; its parameters are not looked at. kNone where it is empty.
MediaType MediaTypeOf(std::string_view content_type);

/// Which of `offered` an Accept field asks for: JSON where it takes that, or says nothing, else
/// YAML; kNone where it takes neither. Weights are not looked at, but for a weight of zero.
MediaType Negotiate(std::string_view accept, MediaTypes offered);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_MEDIA_TYPE_H_
