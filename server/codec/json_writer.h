// Writes JSON text as the reference does: compact, zero values left out, '<', '>', '&', U+2028 and
// U+2029 escaped (spec 1.9).
#ifndef SKEP_SERVER_CODEC_JSON_WRITER_H_
#define SKEP_SERVER_CODEC_JSON_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skep::server {

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string_view text, std::string* out);

/// Appends `value` in decimal.
void AppendDecimal(std::int64_t value, std::string* out);

/// Writes one object, member by member, and closes it at the end of its life:
///
///   { JsonObject object(&out);  object.Text("status", "UP"); }   // {"status":"UP"}
///
/// Names are ours and need no escapes. `out` is borrowed; between two members nobody else writes to
/// it but the value that Key() announced.
class JsonObject {
 public:
  explicit JsonObject(std::string* out) : out_(out) { out_->push_back('{'); }
  ~JsonObject() { out_->push_back('}'); }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  /// Left out where empty.
  void Text(std::string_view name, std::string_view text) {
    if (!text.empty()) TextAlways(name, text);
  }
  void TextAlways(std::string_view name, std::string_view text) {
    Key(name);
    AppendJsonString(text, out_);
  }
  /// Left out where zero.
  void Number(std::string_view name, std::int64_t value) {
    if (value == 0) return;
    Key(name);
    AppendDecimal(value, out_);
  }
  /// A number as a string of digits; left out where zero.
  void NumberText(std::string_view name, std::int64_t value);

  /// A member with a client's name.
  void Entry(std::string_view key, std::string_view value);

  /// `"name":`; the value follows.
  void Key(std::string_view name);

  /// The same for a client's name.
  void Member(std::string_view name);

 private:
  static constexpr std::size_t kNameBytesMax = 32;

  std::string* out_;
  bool first_ = true;
};

/// The same for an array: Item() before each value.
class JsonArray {
 public:
  explicit JsonArray(std::string* out) : out_(out) { out_->push_back('['); }
  ~JsonArray() { out_->push_back(']'); }
  JsonArray(const JsonArray&) = delete;
  JsonArray& operator=(const JsonArray&) = delete;

  void Item() {
    if (!first_) out_->push_back(',');
    first_ = false;
  }

 private:
  std::string* out_;
  bool first_ = true;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_JSON_WRITER_H_
