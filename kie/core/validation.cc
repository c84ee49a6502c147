#include "kie/core/validation.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/text.h"
#include "kie/core/errors.h"
#include "kie/core/key_filter.h"

namespace skep::core {
namespace {

using base::IsAlnum;

constexpr std::size_t kKeyMax = 2048;
constexpr std::size_t kValueMax = 131072;
constexpr std::size_t kCheckMax = 1048576;
constexpr std::size_t kNameMax = 256;
constexpr std::size_t kIdMax = 64;
constexpr std::size_t kFilterMax = 128;
constexpr std::size_t kItemLabelsMax = 6;
constexpr std::size_t kQueryLabelsMax = 8;
constexpr std::size_t kLabelNameMax = 32;
constexpr std::size_t kLabelNameMin = 3;  // With one of _-. in it, which the reference asks of it.
constexpr std::size_t kLabelValueMax = 160;
constexpr std::int64_t kLimitMax = 100;

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Characters of `text`, or nothing where it is not UTF-8.
std::optional<std::size_t> Characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t length = base::SequenceLength(text);
    if (length == 0) return std::nullopt;
    text.remove_prefix(length);
    ++count;
  }
  return count;
}

// Letters and digits, with _-. between.
bool IsName(std::string_view text) {
  if (text.empty()) return true;
  if (!IsAlnum(text.front()) || !IsAlnum(text.back())) return false;
  return std::ranges::all_of(text,
                             [](char c) { return IsAlnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool IsLabelName(std::string_view text) {
  if (text.empty() || text.size() > kLabelNameMax || !IsName(text)) return false;
  return text.size() >= kLabelNameMin || std::ranges::all_of(text, IsAlnum);
}

bool IsLabelValue(std::string_view text) { return text.size() <= kLabelValueMax && IsName(text); }

// Gathers what is wrong, one line for each field, in the reference's words (3.2.1).
class Findings {
 public:
  explicit Findings(std::string_view type) : type_(type) {}

  void Add(std::string_view field, std::string_view rule) {
    if (!text_.empty()) text_ += " | ";
    text_ += "validate failed, field: ";
    text_ += type_;
    text_ += '.';
    text_ += field;
    text_ += ", rule: ";
    text_ += rule;
  }
  void AddMax(std::string_view field, std::size_t max) {
    Add(field, "max = " + std::to_string(max));
  }

  void Value(std::string_view value, std::size_t max) {
    const std::optional<std::size_t> characters = Characters(value);
    if (!characters.has_value()) {
      Add("Value", "UTF-8");
    } else if (*characters > max) {
      AddMax("Value", max);
    }
  }

  void Name(std::string_view field, std::string_view name) {
    if (name.empty()) {
      Add(field, "min = 1");
    } else if (name.size() > kNameMax) {
      AddMax(field, kNameMax);
    } else if (!IsName(name)) {
      Add(field, R"(^[a-zA-Z0-9]*$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]*[a-zA-Z0-9]$)");
    }
  }

  void StatusWord(KvStatus status) {
    if (status == KvStatus::kUnknown) Add("Status", "^$|^(enabled|disabled)$");
  }

  void LabelTexts(const Labels& labels, std::size_t max) {
    if (labels.size() > max) return AddMax("Labels", max);
    for (const auto& [name, value] : labels) {
      const std::string field = "Labels[" + name.substr(0, kLabelNameMax) + "]";
      if (!IsLabelName(name)) {
        Add(field, R"(^[a-zA-Z0-9]{1,32}$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]{1,30}[a-zA-Z0-9]$)");
      } else if (!IsLabelValue(value)) {
        Add(field, R"(^[a-zA-Z0-9]{0,160}$|^[a-zA-Z0-9][a-zA-Z0-9_\-.]{0,158}[a-zA-Z0-9]$)");
      }
    }
  }

  void Id(std::string_view id) {
    if (id.empty()) {
      Add("ID", "min = 1");
    } else if (id.size() > kIdMax) {
      AddMax("ID", kIdMax);
    }
  }

  skep::Status Done() && {
    if (text_.empty()) return {};
    return KvInvalid(std::move(text_));
  }

 private:
  std::string_view type_;
  std::string text_;
};

void CheckKey(std::string_view key, Findings* findings) {
  if (key.empty()) {
    findings->Add("Key", "min = 1");
  } else if (key.size() > kKeyMax) {
    findings->AddMax("Key", kKeyMax);
  } else if (!std::ranges::all_of(key, IsKeyCharacter)) {
    findings->Add("Key", R"(^[a-zA-Z0-9._:\[\]-]+$)");
  }
}

}  // namespace

bool IsKieTenant(const Tenant& tenant) {
  const auto good = [](std::string_view name) {
    return !name.empty() && name.size() <= kNameMax && IsName(name);
  };
  return good(tenant.domain) && good(tenant.project);
}

Status CheckSpec(const Tenant& tenant, const KvSpec& spec) {
  Findings findings("KVDoc");
  CheckKey(spec.key, &findings);
  findings.Value(spec.value, kValueMax);
  if (spec.value_type == ValueType::kUnknown) {
    findings.Add("ValueType", "^$|^(ini|json|text|yaml|properties|xml)$");
  }
  if (spec.check.size() > kCheckMax) {
    findings.AddMax("Checker", kCheckMax);
  } else if (!IsAscii(spec.check)) {
    findings.Add("Checker", R"(^[\x00-\x7F]*$)");
  }
  findings.Name("Project", tenant.project);
  findings.StatusWord(spec.status);
  findings.LabelTexts(spec.labels, kItemLabelsMax);
  findings.Name("Domain", tenant.domain);
  return std::move(findings).Done();
}

Status CheckUpdate(const Tenant& tenant, std::string_view id, const KvUpdate& update) {
  Findings findings("UpdateKVRequest");
  findings.Id(id);
  if (update.value.has_value()) findings.Value(*update.value, kValueMax);
  findings.Name("Project", tenant.project);
  findings.Name("Domain", tenant.domain);
  findings.StatusWord(update.status);
  return std::move(findings).Done();
}

Status CheckGet(const Tenant& tenant, std::string_view id) {
  Findings findings("GetKVRequest");
  findings.Name("Project", tenant.project);
  findings.Name("Domain", tenant.domain);
  findings.Id(id);
  return std::move(findings).Done();
}

Status CheckQuery(const Tenant& tenant, const KvQuery& query, const Labels& labels) {
  if (Status page = CheckPage(query.offset, query.limit, kLimitMax); !page.ok()) return page;
  Findings findings("ListKVRequest");
  findings.Name("Project", tenant.project);
  findings.Name("Domain", tenant.domain);
  if (query.key.size() > kFilterMax) {
    findings.AddMax("Key", kFilterMax);
  } else if (!IsKeyFilter(query.key)) {
    findings.Add("Key", R"(^[a-zA-Z0-9._:\[\]-]*$|^beginWith\([a-zA-Z0-9._:\[\]-]*\)$|)"
                        R"(^wildcard\([a-zA-Z0-9*._:\[\]-]*\)$)");
  }
  findings.Value(query.value, kFilterMax);
  findings.LabelTexts(labels, kQueryLabelsMax);
  findings.StatusWord(query.status);
  return std::move(findings).Done();
}

Status CheckPage(std::int64_t offset, const std::optional<std::int64_t>& limit,
                 std::int64_t limit_max) {
  if (offset < 0) return KvInvalid("invalid offset number");
  if (limit.has_value() && (*limit < 1 || (limit_max > 0 && *limit > limit_max))) {
    return KvInvalid("invalid limit number");
  }
  return {};
}

}  // namespace skep::core
