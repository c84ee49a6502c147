// JsonReader: a client's JSON, read the way the API's decoders do.
//
// The whole body is checked before the first value is handed out: one JSON value and nothing behind
// it, all text UTF-8, no lone surrogate, nesting within kJsonDepthMax. What is left to a decoder is
// to ask for the members that it knows:
//
//   Result<JsonValue> root = reader.Parse(body);
//   if (!root.ok()) return root.error();
//   const bool good = root->ForEachMember([&](std::string_view name, JsonValue value) {
//     return EqualsIgnoringCase(name, "hostName") ? value.Read(&host) : true;
//   });
//   if (!good) return reader.TypeError();
//
// The rules are those of the reference's decoder (spec 1.10): names of known members match whatever
// their case, unknown members are passed over, of two members with one name the last one counts,
// null leaves a value empty, and a value of another type spoils the whole body.
//
// Thread-safety: none; one reader serves one body at a time. It keeps its buffers.
#ifndef SKEP_SERVER_CODEC_JSON_READER_H_
#define SKEP_SERVER_CODEC_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "skep/registry/types.h"
#include "skep/result.h"

namespace skep::server {

/// Objects and arrays within one another.
inline constexpr std::size_t kJsonDepthMax = 64;

class JsonReader;

/// A value of the body that was parsed last; texts read as views live as long.
class JsonValue {
 public:
  JsonValue() = default;  ///< Of nothing: to be assigned to, and to nothing else.

  bool IsNull() const;
  bool IsObject() const;
  bool IsArray() const;
  bool IsText() const;
  bool IsBool() const;

  // Each sets `out` to this value, or to the empty one where it is null. False: of another type, or
  // a number out of range; TypeError() of the reader tells where.
  bool Read(std::string* out) const;
  bool Read(std::string_view* out) const;
  bool Read(std::int64_t* out) const;
  bool Read(double* out) const;
  bool Read(bool* out) const;
  bool Read(std::vector<std::string>* out) const;
  bool Read(Properties* out) const;

  /// Calls `read(name, value)` for each member, in the order sent, until it returns false. Null has
  /// no members. False: not an object, or `read` said so.
  template <class F>
  bool ForEachMember(F&& read) const;

  /// The same for the elements of an array: `read(value)`.
  template <class F>
  bool ForEachElement(F&& read) const;

  /// False: for a decoder that needed something else here. TypeError() will say so.
  bool Expected(std::string_view what) const;

 private:
  friend class JsonReader;
  friend class JsonCursor;

  // The parser's own handle, which only json_reader.cc can read.
  struct Handle {
    alignas(std::uint64_t) std::byte bytes[16];
  };

  JsonValue(JsonReader* reader, Handle handle) : reader_(reader), handle_(handle) {}

  // False, as Expected is: TypeError() will name the member.
  bool FailedIn(std::string_view member) const;

  JsonReader* reader_ = nullptr;
  Handle handle_{};
};

/// Steps through an object's members or an array's elements.
class JsonCursor {
 public:
  explicit JsonCursor(const JsonValue& container);

  /// False at the end.
  bool NextMember(std::string_view* name, JsonValue* value);
  bool NextElement(JsonValue* value);

 private:
  JsonReader* reader_;
  JsonValue::Handle at_;
  JsonValue::Handle end_;
};

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  /// Reads `body`, which may go away afterwards. Errors: kInvalidParams.
  Result<JsonValue> Parse(std::string_view body);

  /// What the last Read or ForEach that returned false had expected, and where.
  Error TypeError() const;

  /// Bytes that the reader keeps for the next body.
  std::size_t kept_bytes() const;

 private:
  friend class JsonValue;
  friend class JsonCursor;
  struct Parser;

  std::unique_ptr<Parser> parser_;
  std::string expected_;
  std::string member_;
};

template <class F>
bool JsonValue::ForEachMember(F&& read) const {
  if (IsNull()) return true;
  if (!IsObject()) return Expected("an object");
  std::string_view name;
  JsonValue value;
  for (JsonCursor cursor(*this); cursor.NextMember(&name, &value);) {
    if (!read(name, value)) return FailedIn(name);
  }
  return true;
}

template <class F>
bool JsonValue::ForEachElement(F&& read) const {
  if (IsNull()) return true;
  if (!IsArray()) return Expected("an array");
  JsonValue value;
  for (JsonCursor cursor(*this); cursor.NextElement(&value);) {
    if (!read(value)) return false;
  }
  return true;
}

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_JSON_READER_H_
