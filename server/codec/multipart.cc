#include "server/codec/multipart.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>

#include "base/text.h"
#include "server/codec/ascii_case.h"
#include "server/codec/kv_body.h"

namespace skep::server {
namespace {

constexpr std::size_t kBoundaryMax = 70;  // RFC 2046, 5.1.1.
constexpr std::string_view kLineEnd = "\r\n";

Error Wrong(std::string_view why) { return KvBodyError("multipart: " + std::string(why)); }

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

// The characters of a token (RFC 7230).
bool IsTokenCharacter(char c) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return base::IsAlnum(c) || kOthers.find(c) != std::string_view::npos;
}

bool IsBoundaryCharacter(char c) {
  constexpr std::string_view kOthers = "'()+_,-./:=? ";
  return base::IsAlnum(c) || kOthers.find(c) != std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes what is before `end` off the front of `text`, and `end` with it; nothing where it is not
// there.
std::optional<std::string_view> TakeUntil(std::string_view end, std::string_view* text) {
  const std::size_t at = text->find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(at + end.size());
  return taken;
}

std::string_view TakeToken(std::string_view* text) {
  const auto end = std::ranges::find_if_not(*text, IsTokenCharacter);
  const auto size = static_cast<std::size_t>(end - text->begin());
  const std::string_view token = text->substr(0, size);
  text->remove_prefix(size);
  return token;
}

// What stands between quotes, as it stands; nothing where the closing one is missing. Only a quote
// is escaped: some browsers send the backslashes of a path as they are.
std::optional<std::string_view> TakeQuoted(std::string_view* text) {
  for (std::size_t i = 1; i < text->size(); ++i) {
    if ((*text)[i] != '"' || (*text)[i - 1] == '\\') continue;
    const std::string_view quoted = text->substr(1, i - 1);
    text->remove_prefix(i + 1);
    return quoted;
  }
  return std::nullopt;
}

struct Parameter {
  std::string_view name;
  std::optional<std::string_view> value{};
};

// The parameters of a header's value: `; name=value; name="value"`. False where they are not well
// formed, or one that is asked for comes twice.
bool ReadParameters(std::string_view text, std::initializer_list<Parameter*> wanted) {
  for (text = Trim(text); !text.empty(); text = Trim(text)) {
    if (text.front() != ';') return false;
    text = Trim(text.substr(1));
    if (text.empty()) return true;
    const std::string_view name = TakeToken(&text);
    if (name.empty() || !text.starts_with('=')) return false;
    text.remove_prefix(1);
    const bool quoted = text.starts_with('"');
    const std::optional<std::string_view> value = quoted ? TakeQuoted(&text) : TakeToken(&text);
    if (!value.has_value() || (value->empty() && !quoted)) return false;
    for (Parameter* parameter : wanted) {
      if (!EqualsIgnoringCase(name, parameter->name)) continue;
      if (parameter->value.has_value()) return false;
      parameter->value = value;
    }
  }
  return true;
}

Result<std::string_view> BoundaryOf(std::string_view content_type) {
  if (!IsMultipart(content_type)) return Wrong("the content type is not multipart/form-data");
  Parameter boundary{.name = "boundary"};
  const std::size_t parameters = std::min(content_type.find(';'), content_type.size());
  if (!ReadParameters(content_type.substr(parameters), {&boundary})) {
    return Wrong("the content type's parameters are not well formed");
  }
  const std::string_view value = boundary.value.value_or(std::string_view());
  if (value.empty()) return Wrong("the content type names no boundary");
  if (value.size() > kBoundaryMax || value.back() == ' ' ||
      !std::ranges::all_of(value, IsBoundaryCharacter)) {
    return Wrong("the boundary is not one");
  }
  return value;
}

// A part while its header is read.
struct Part {
  std::optional<std::string_view> name{};
  MultipartFile file{};
};

Status ReadDisposition(std::string_view value, Part* part) {
  const std::string_view kind = TakeToken(&value);
  Parameter name{.name = "name"};
  Parameter file_name{.name = "filename"};
  if (!EqualsIgnoringCase(kind, "form-data") || !ReadParameters(value, {&name, &file_name})) {
    return Wrong("a Content-Disposition that is not well formed");
  }
  if (part->name.has_value()) return Wrong("a part with two names");
  part->name = name.value;
  part->file.file_name = file_name.value.value_or(std::string_view());
  return {};
}

Status ReadField(std::string_view line, Part* part) {
  const std::string_view name = TakeToken(&line);
  if (name.empty() || !line.starts_with(':')) return Wrong("a header line that is not one");
  const std::string_view value = Trim(line.substr(1));
  if (EqualsIgnoringCase(name, "Content-Disposition")) return ReadDisposition(value, part);
  if (EqualsIgnoringCase(name, "Content-Type")) part->file.content_type = value;
  if (EqualsIgnoringCase(name, "Content-Transfer-Encoding")) {
    for (const std::string_view plain : {"7bit", "8bit", "binary"}) {
      if (EqualsIgnoringCase(value, plain)) return {};
    }
    return Wrong("a transfer encoding that is not taken");
  }
  return {};
}

// Takes a part's header off the front of `text`, up to the empty line that ends it.
Result<Part> TakeHeader(std::string_view* text) {
  Part part;
  std::size_t left = kMultipartHeaderBytesMax;
  while (true) {
    std::string_view rest = text->substr(0, std::min(left, text->size()));
    const std::optional<std::string_view> line = TakeUntil(kLineEnd, &rest);
    if (!line.has_value()) return Wrong("a part's header has no end, or is too large");
    left -= line->size() + kLineEnd.size();
    text->remove_prefix(line->size() + kLineEnd.size());
    if (line->empty()) break;
    if (const Status read = ReadField(*line, &part); !read.ok()) return read.error();
  }
  if (!part.name.has_value()) return Wrong("a part without a name");
  return part;
}

// Walks over the delimiters of a body: "--" and the boundary, at the beginning of a line.
class Delimiters {
 public:
  Delimiters(std::string_view boundary, std::string_view body)
      : delimiter_("\r\n--" + std::string(boundary)), rest_(body) {}

  enum class Found { kPart, kEnd, kNone };

  /// Passes over the body up to and with the next delimiter; `before` is what came before it. What
  /// is left of the body begins a line.
  Found Next(std::string_view* before) {
    const std::string_view begin = rest_;
    std::string_view delimiter(delimiter_);
    if (rest_.starts_with(delimiter.substr(kLineEnd.size()))) {
      delimiter.remove_prefix(kLineEnd.size());
    }
    while (TakeUntil(delimiter, &rest_).has_value()) {
      const std::size_t size = begin.size() - rest_.size() - delimiter.size();
      *before = begin.substr(0, size);
      delimiter = delimiter_;
      if (rest_.starts_with("--")) return Found::kEnd;
      // A delimiter has the rest of its line for itself; else it is a line that looks like one.
      std::string_view line = rest_;
      while (!line.empty() && IsBlank(line.front())) line.remove_prefix(1);
      if (!line.starts_with(kLineEnd)) continue;
      rest_ = line.substr(kLineEnd.size());
      return Found::kPart;
    }
    return Found::kNone;
  }

  /// What follows the delimiter that was found last.
  std::string_view* rest() { return &rest_; }

 private:
  const std::string delimiter_;
  std::string_view rest_;
};

}  // namespace

bool IsMultipart(std::string_view content_type) {
  return EqualsIgnoringCase(Trim(content_type.substr(0, content_type.find(';'))),
                            "multipart/form-data");
}

Result<MultipartFile> FindMultipartFile(std::string_view content_type, std::string_view body,
                                        std::string_view name) {
  const Result<std::string_view> boundary = BoundaryOf(content_type);
  if (!boundary.ok()) return boundary.error();
  Delimiters delimiters(*boundary, body);
  std::string_view content;
  Delimiters::Found found = delimiters.Next(&content);
  std::optional<MultipartFile> file;
  for (std::size_t parts = 0; found == Delimiters::Found::kPart; ++parts) {
    if (parts == kMultipartPartsMax) return Wrong("too many parts");
    Result<Part> part = TakeHeader(delimiters.rest());
    if (!part.ok()) return part.error();
    found = delimiters.Next(&content);
    if (part->name != name) continue;
    if (file.has_value()) return Wrong("two parts '" + std::string(name) + "'");
    part->file.content = content;
    file = part->file;
  }
  if (found == Delimiters::Found::kNone) return Wrong("the closing boundary is missing");
  if (!file.has_value()) return Wrong("no part '" + std::string(name) + "'");
  return *file;
}

}  // namespace skep::server
