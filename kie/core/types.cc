#include "skep/kie/types.h"

#include <algorithm>
#include <array>

#include "base/digest.h"
#include "kie/core/label_format.h"
#include "skep/kie/import.h"

namespace skep {
namespace {

template <class Enum>
struct Word {
  Enum value;
  std::string_view word;
};

constexpr std::array kStatusWords{
    Word<KvStatus>{KvStatus::kUnset, ""},
    Word<KvStatus>{KvStatus::kDisabled, "disabled"},
    Word<KvStatus>{KvStatus::kEnabled, "enabled"},
};

constexpr std::array kTypeWords{
    Word<ValueType>{ValueType::kUnset, ""},
    Word<ValueType>{ValueType::kText, "text"},
    Word<ValueType>{ValueType::kIni, "ini"},
    Word<ValueType>{ValueType::kJson, "json"},
    Word<ValueType>{ValueType::kYaml, "yaml"},
    Word<ValueType>{ValueType::kProperties, "properties"},
    Word<ValueType>{ValueType::kXml, "xml"},
};

constexpr std::array kOverrideWords{
    Word<Override>{Override::kForce, "force"},
    Word<Override>{Override::kSkip, "skip"},
    Word<Override>{Override::kAbort, "abort"},
};

template <class Words, class Enum>
std::string_view WordOf(const Words& words, Enum value) {
  const auto at = std::ranges::find(words, value, &Word<Enum>::value);
  return at == words.end() ? std::string_view() : at->word;
}

}  // namespace

std::string_view ToString(KvStatus status) { return WordOf(kStatusWords, status); }

std::string_view ToString(ValueType type) { return WordOf(kTypeWords, type); }

KvStatus ParseKvStatus(std::string_view word) {
  const auto* at = std::ranges::find(kStatusWords, word, &Word<KvStatus>::word);
  return at == kStatusWords.end() ? KvStatus::kUnknown : at->value;
}

ValueType ParseValueType(std::string_view word) {
  const auto* at = std::ranges::find(kTypeWords, word, &Word<ValueType>::word);
  return at == kTypeWords.end() ? ValueType::kUnknown : at->value;
}

std::optional<Override> ParseOverride(std::string_view word) {
  const auto* at = std::ranges::find(kOverrideWords, word, &Word<Override>::word);
  if (at == kOverrideWords.end()) return std::nullopt;
  return at->value;
}

std::string LabelFormat(const Labels& labels) {
  if (labels.empty()) return "none";
  std::string format;
  for (const auto& [name, value] : labels) core::AppendLabel(name, value, &format);
  return format;
}

std::string KvId(const Tenant& tenant, std::string_view key, const Labels& labels) {
  std::string text = tenant.domain;
  text += '/';
  text += tenant.project;
  text += '/';
  text += key;
  text += '/';
  text += LabelFormat(labels);
  return base::Sha256Hex(text);
}

}  // namespace skep
