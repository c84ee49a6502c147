// Document: any value of JSON or YAML, as a tree.
//
// For what is passed on without being understood, from one of the two languages to the other. A
// tree that was written in either reads back as the same tree. Recursion goes as deep as the
// readers let values nest (kJsonDepthMax, kYamlDepthMax).
//
// Thread-safety: values.
#ifndef SKEP_SERVER_CODEC_DOCUMENT_H_
#define SKEP_SERVER_CODEC_DOCUMENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "skep/result.h"

namespace skep::server {

/// Bytes of a member's name. However it is escaped, YAML still takes it for a name.
inline constexpr std::size_t kDocumentNameBytesMax = 128;

struct Document {
  enum class Type : std::uint8_t { kNull, kBool, kNumber, kText, kList, kMap };

  Type type = Type::kNull;
  std::string text{};             ///< Of kText; "true" or "false" of kBool; a number as in JSON.
  std::string name{};             ///< Of a member: its name within its map.
  std::vector<Document> parts{};  ///< A list's elements; a map's members by name, each name once.

  /// The member of that name; null where there is none, and of what is no map.
  const Document* Find(std::string_view member) const;
};

/// Of two members with one name the last one counts. Integers of 64 bits are exact, other numbers
/// become the nearest double. False: a name is too long, as the reader's TypeError() says.
bool ReadDocument(const JsonValue& value, Document* out);

/// The same of YAML, by the rules of YamlReader. Scalars without quotes are what YAML's core schema
/// says, but that integers are decimal, and that yes, no, on and off are truth values, too. An
/// empty text is null. Errors: KieErrc::kInvalidParams.
Result<Document> ReadYamlDocument(std::string_view text);

/// Compact.
void AppendJson(const Document& document, std::string* out);

/// A line for each scalar, with members and elements below one another.
std::string ToYaml(const Document& document);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_DOCUMENT_H_
