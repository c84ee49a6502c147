// Tags as JSON (spec 4).
#ifndef SKEP_SERVER_CODEC_TAG_JSON_H_
#define SKEP_SERVER_CODEC_TAG_JSON_H_

#include <string>
#include <string_view>

#include "server/codec/json_reader.h"
#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep::server {

/// {"tags":{...}}; none, where the member is absent or null. Every other member must be such an
/// object of texts, too. Errors: kInvalidParams.
Result<Properties> ReadTags(JsonReader& reader, std::string_view body);

/// {"tags":{...}}, or {} where there is none.
void AppendTagsBody(const Properties& tags, std::string* out);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_TAG_JSON_H_
