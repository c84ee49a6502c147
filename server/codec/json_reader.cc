#include "server/codec/json_reader.h"

#include <simdjson.h>

#include <bit>
#include <cstring>

#include "skep/registry/errors.h"

namespace skep::server {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::element_type;
using simdjson::dom::object;

static_assert(simdjson::SIMDJSON_VERSION_MAJOR >= 3, "lone surrogates are errors from 3.0 on");

// A reader that once held a body of the largest kind does not keep room for the next one.
constexpr std::size_t kKeptBodyBytesMax = 64 * 1024;

template <class To, class From>
To Cast(const From& from) {
  return std::bit_cast<To>(from);
}

}  // namespace

struct JsonReader::Parser {
  simdjson::dom::parser parser;
  // The body, with the padding behind it that the parser may read.
  std::unique_ptr<char[]> padded;
  std::size_t capacity = 0;

  void Reserve(std::size_t bytes) {
    if (bytes <= capacity && capacity <= kKeptBodyBytesMax) return;
    padded = std::make_unique_for_overwrite<char[]>(bytes + simdjson::SIMDJSON_PADDING);
    capacity = bytes;
  }
};

JsonReader::JsonReader() : parser_(std::make_unique<Parser>()) {}
JsonReader::~JsonReader() = default;

std::size_t JsonReader::kept_bytes() const { return parser_->capacity; }

Result<JsonValue> JsonReader::Parse(std::string_view body) {
  expected_.clear();
  member_.clear();
  if (body.empty()) return Error(RegistryErrc::kInvalidParams, "unexpected end of JSON input");
  Parser& p = *parser_;
  if (p.parser.capacity() < body.size() || p.parser.capacity() > kKeptBodyBytesMax) {
    // The parser's depth is one more than the containers that it lets lie within one another.
    if (p.parser.allocate(body.size(), kJsonDepthMax + 1) != simdjson::SUCCESS) {
      return Error(RegistryErrc::kInternal, "no memory to read the body");
    }
  }
  p.Reserve(body.size());
  std::memcpy(p.padded.get(), body.data(), body.size());
  std::memset(p.padded.get() + body.size(), 0, simdjson::SIMDJSON_PADDING);
  element root;
  const simdjson::error_code error =
      p.parser.parse(p.padded.get(), body.size(), /*realloc_if_needed=*/false).get(root);
  if (error != simdjson::SUCCESS) {
    return Error(RegistryErrc::kInvalidParams,
                 std::string("the body is not JSON: ") + simdjson::error_message(error));
  }
  return JsonValue(this, Cast<JsonValue::Handle>(root));
}

Error JsonReader::TypeError() const {
  std::string detail = "the body has a value of the wrong type";
  if (!member_.empty()) detail += " in '" + member_ + "'";
  if (!expected_.empty()) detail += ": expected " + expected_;
  return {RegistryErrc::kInvalidParams, std::move(detail)};
}

bool JsonValue::Expected(std::string_view what) const {
  reader_->expected_ = what;
  return false;
}

bool JsonValue::FailedIn(std::string_view member) const {
  // The innermost member says most.
  if (reader_->member_.empty()) reader_->member_ = member.substr(0, 64);
  return false;
}

bool JsonValue::IsNull() const { return Cast<element>(handle_).is_null(); }
bool JsonValue::IsObject() const { return Cast<element>(handle_).is_object(); }
bool JsonValue::IsArray() const { return Cast<element>(handle_).is_array(); }
bool JsonValue::IsText() const { return Cast<element>(handle_).is_string(); }
bool JsonValue::IsBool() const { return Cast<element>(handle_).is_bool(); }

bool JsonValue::Read(std::string_view* out) const {
  *out = {};
  const element value = Cast<element>(handle_);
  if (value.is_null()) return true;
  return value.get(*out) == simdjson::SUCCESS || Expected("a string");
}

bool JsonValue::Read(std::string* out) const {
  std::string_view text;
  if (!Read(&text)) return false;
  *out = text;
  return true;
}

bool JsonValue::Read(std::int64_t* out) const {
  *out = 0;
  const element value = Cast<element>(handle_);
  if (value.is_null()) return true;
  return value.get(*out) == simdjson::SUCCESS || Expected("an integer");
}

bool JsonValue::Read(double* out) const {
  *out = 0;
  const element value = Cast<element>(handle_);
  if (value.is_null()) return true;
  return value.get(*out) == simdjson::SUCCESS || Expected("a number");
}

bool JsonValue::Read(bool* out) const {
  *out = false;
  const element value = Cast<element>(handle_);
  if (value.is_null()) return true;
  return value.get(*out) == simdjson::SUCCESS || Expected("true or false");
}

bool JsonValue::Read(std::vector<std::string>* out) const {
  out->clear();
  return ForEachElement([out](const JsonValue& item) { return item.Read(&out->emplace_back()); });
}

bool JsonValue::Read(Properties* out) const {
  out->clear();
  return ForEachMember([out](std::string_view name, const JsonValue& value) {
    return value.Read(&(*out)[std::string(name)]);
  });
}

JsonCursor::JsonCursor(const JsonValue& container) : reader_(container.reader_) {
  const element value = Cast<element>(container.handle_);
  if (value.is_object()) {
    const object members = value.get_object().value_unsafe();
    at_ = Cast<JsonValue::Handle>(members.begin());
    end_ = Cast<JsonValue::Handle>(members.end());
  } else {
    const array elements = value.get_array().value_unsafe();
    at_ = Cast<JsonValue::Handle>(elements.begin());
    end_ = Cast<JsonValue::Handle>(elements.end());
  }
}

bool JsonCursor::NextMember(std::string_view* name, JsonValue* value) {
  auto at = Cast<object::iterator>(at_);
  if (at == Cast<object::iterator>(end_)) return false;
  *name = at.key();
  *value = JsonValue(reader_, Cast<JsonValue::Handle>(at.value()));
  at_ = Cast<JsonValue::Handle>(++at);
  return true;
}

bool JsonCursor::NextElement(JsonValue* value) {
  auto at = Cast<array::iterator>(at_);
  if (at == Cast<array::iterator>(end_)) return false;
  *value = JsonValue(reader_, Cast<JsonValue::Handle>(*at));
  at_ = Cast<JsonValue::Handle>(++at);
  return true;
}

}  // namespace skep::server
