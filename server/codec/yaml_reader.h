// YamlReader: a client's YAML, event by event, within limits.
//
// Read is one document. Not taken, each with an error that names the line: anchors and aliases (a
// few lines of them can stand for gigabytes), tags other than those of plain types, control
// characters, text that is not UTF-8, a second document, and what exceeds a limit of yaml_limits.h.
// All errors are KieErrc::kInvalidParams.
//
// The cost: time grows with the body alone, at some 5 to 20 MB a second. The parser keeps some 40
// bytes for every member and every element that it has passed, and up to 100 MB for what it cannot
// tell of yet.
#ifndef SKEP_SERVER_CODEC_YAML_READER_H_
#define SKEP_SERVER_CODEC_YAML_READER_H_

#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/codec/yaml_limits.h"
#include "skep/error.h"
#include "skep/result.h"

namespace skep::server {

/// Derived classes follow the events; each may end the reading by Refuse. Thread-safety: none.
class YamlReader : private YAML::EventHandler {
 public:
  /// Once.
  Status Read(std::string_view body);

 protected:
  using Mark = YAML::Mark;

  /// How a scalar was written: not at all, or as a word that means null; without quotes; as a text
  /// beyond doubt.
  enum class Form : std::uint8_t { kNull, kPlain, kQuoted };

  virtual void Scalar(const Mark& mark, std::string_view text, Form form) = 0;
  virtual void BeginMap(const Mark& mark) = 0;
  virtual void BeginList(const Mark& mark) = 0;
  virtual void End() = 0;  ///< Of the innermost map or list.

  [[noreturn]] static void Refuse(const Mark& mark, std::string_view why);
  [[noreturn]] static void Refuse(Error error);

  /// Refuses `<<`: a merge key is an alias in other clothes.
  static void RefuseMergeKey(const Mark& mark, std::string_view name, Form form);

 private:
  class Source;

  void OnDocumentStart(const Mark& mark) override;
  void OnDocumentEnd() override;
  void OnAlias(const Mark& mark, YAML::anchor_t anchor) override;
  void OnNull(const Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnMapStart(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { Leave(); }
  void OnSequenceStart(const Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Leave(); }

  void Begin(const Mark& mark, std::string_view tag, YAML::anchor_t anchor);
  void Enter(const Mark& mark);
  void Leave();

  Source* source_ = nullptr;  // While Read is at work.
  bool begun_ = false;
  std::size_t depth_ = 0;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_YAML_READER_H_
