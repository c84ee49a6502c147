#include "server/codec/yaml_reader.h"

#include <simdjson.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>

#include "server/codec/kv_body.h"

namespace skep::server {
namespace {

// The parser throws; what we refuse ourselves travels the same way, no further than Read below.
struct Refused {
  Error error;
};

constexpr std::string_view kCoreTag = "tag:yaml.org,2002:";

// Whether a character may begin a token of its own.
bool IsIndicator(char c) {
  constexpr std::string_view kIndicators = "[]{},:?!&*-|>\"'#%@`";
  return kIndicators.find(c) != std::string_view::npos;
}

// The parser takes the byte 4 for the end of its input, and bodies with zero bytes for other
// encodings; YAML allows neither.
bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

}  // namespace

// Hands the body to the parser, piece by piece, and counts what was handed out since the parser
// last said something: so much it may be keeping. Beyond the limits the body seems to end.
class YamlReader::Source final : public std::streambuf {
 public:
  explicit Source(std::string_view body) {
    // It is only read from; the parser also puts back what it looked at first.
    char* const begin = const_cast<char*>(body.data());
    setg(begin, begin, begin + body.size());
  }

  /// The parser said something.
  void Progress() { bytes_ = pending_ = 0; }

  bool exceeded() const { return exceeded_; }

 protected:
  std::streamsize xsgetn(char* out, std::streamsize count) override {
    if (exceeded_) return 0;
    const std::streamsize size = std::streambuf::xsgetn(out, count);
    bytes_ += static_cast<std::size_t>(size);
    pending_ += static_cast<std::size_t>(std::count_if(out, out + size, IsIndicator));
    exceeded_ = bytes_ > kYamlScalarBytesMax || pending_ > kYamlPendingMax;
    return size;
  }

 private:
  std::size_t bytes_ = 0;
  std::size_t pending_ = 0;
  bool exceeded_ = false;
};

Status YamlReader::Read(std::string_view body) {
  if (body.size() > kYamlBytesMax) return KvBodyError("yaml: the body is too large");
  if (!simdjson::validate_utf8(body.data(), body.size())) return KvBodyError("yaml: not UTF-8");
  if (std::ranges::any_of(body, IsControl)) return KvBodyError("yaml: a control character");
  Source source(body);
  source_ = &source;
  std::optional<Error> error;
  try {
    std::istream stream(&source);
    YAML::Parser parser(stream);
    // One document: a second one is refused when it begins.
    while (parser.HandleNextDocument(*this)) {
    }
  } catch (const Refused& refused) {
    error = refused.error;
  } catch (const YAML::Exception& wrong) {
    error = KvBodyError("yaml: line " + std::to_string(wrong.mark.line + 1) + ": " + wrong.msg);
  }
  source_ = nullptr;
  // Then whatever the parser made of what it was given is of no interest.
  if (source.exceeded()) return KvBodyError("yaml: a scalar, {...} or [...] is too large");
  if (error.has_value()) return *std::move(error);
  return {};
}

void YamlReader::Refuse(const Mark& mark, std::string_view why) {
  Refuse(KvBodyError("yaml: line " + std::to_string(mark.line + 1) + ": " + std::string(why)));
}

void YamlReader::Refuse(Error error) { throw Refused{std::move(error)}; }

void YamlReader::RefuseMergeKey(const Mark& mark, std::string_view name, Form form) {
  if (name == "<<" && form == Form::kPlain) Refuse(mark, "merge keys are not taken");
}

void YamlReader::OnDocumentStart(const Mark& mark) {
  source_->Progress();
  if (std::exchange(begun_, true)) Refuse(mark, "a second document");
}

void YamlReader::OnDocumentEnd() { source_->Progress(); }

void YamlReader::OnAlias(const Mark& mark, YAML::anchor_t) {
  Refuse(mark, "anchors and aliases are not taken");
}

void YamlReader::OnNull(const Mark& mark, YAML::anchor_t anchor) {
  Begin(mark, {}, anchor);
  Scalar(mark, {}, Form::kNull);
}

void YamlReader::OnScalar(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                          const std::string& text) {
  Begin(mark, tag, anchor);
  // The parser makes single bytes of \N and \_.
  if (!simdjson::validate_utf8(text)) Refuse(mark, "an escape that is no UTF-8");
  const bool is_text = tag == "!" || tag == std::string(kCoreTag) + "str";
  Scalar(mark, text, is_text ? Form::kQuoted : Form::kPlain);
}

void YamlReader::OnMapStart(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                            YAML::EmitterStyle::value) {
  Begin(mark, tag, anchor);
  Enter(mark);
  BeginMap(mark);
}

void YamlReader::OnSequenceStart(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                                 YAML::EmitterStyle::value) {
  Begin(mark, tag, anchor);
  Enter(mark);
  BeginList(mark);
}

void YamlReader::Begin(const Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
  source_->Progress();
  if (anchor != YAML::NullAnchor) OnAlias(mark, anchor);
  if (tag.empty() || tag == "?" || tag == "!") return;
  if (tag.starts_with(kCoreTag)) {
    tag.remove_prefix(kCoreTag.size());
    for (const std::string_view plain : {"str", "int", "bool", "float", "null", "map", "seq"}) {
      if (tag == plain) return;
    }
  }
  Refuse(mark, "a tag that is not taken");
}

void YamlReader::Enter(const Mark& mark) {
  if (depth_ == kYamlDepthMax) Refuse(mark, "nested too deep");
  ++depth_;
}

void YamlReader::Leave() {
  source_->Progress();
  --depth_;
  End();
}

}  // namespace skep::server
