#include "server/codec/kv_body.h"

#include <string>
#include <utility>

#include "server/codec/ascii_case.h"
#include "skep/kie/errors.h"

namespace skep::server {
namespace {

struct NamedField {
  std::string_view name;
  KvField field;
};

constexpr NamedField kFields[] = {
    {"key", KvField::kKey},
    {"value", KvField::kValue},
    {"labels", KvField::kLabels},
    {"status", KvField::kStatus},
    {"value_type", KvField::kValueType},
    {"priority", KvField::kPriority},
    {"check", KvField::kCheck},
};

}  // namespace

KvField FindKvField(std::string_view name) {
  for (const NamedField& known : kFields) {
    if (EqualsIgnoringCase(name, known.name)) return known.field;
  }
  return KvField::kOther;
}

bool IsText(KvField field) {
  switch (field) {
    case KvField::kKey:
    case KvField::kValue:
    case KvField::kStatus:
    case KvField::kValueType:
    case KvField::kCheck:
      return true;
    case KvField::kOther:
    case KvField::kLabels:
    case KvField::kPriority:
      break;
  }
  return false;
}

void SetText(KvField field, std::string_view text, KvSpec* spec) {
  if (field == KvField::kKey) spec->key = text;
  if (field == KvField::kValue) spec->value = text;
  if (field == KvField::kStatus) spec->status = ParseKvStatus(text);
  if (field == KvField::kValueType) spec->value_type = ParseValueType(text);
  if (field == KvField::kCheck) spec->check = text;
}

void PutLabel(std::string_view name, std::string_view value, Labels* labels) {
  std::string key(name);
  const auto known = labels->find(key);
  if (known != labels->end()) {
    known->second = value;
  } else if (labels->size() < kLabelsReadMax) {
    labels->emplace(std::move(key), value);
  }
}

Error InvalidKvRequest(std::string why) { return {KieErrc::kInvalidParams, std::move(why)}; }

Error KvBodyError(std::string_view why) {
  return {KieErrc::kInvalidParams, "decode request body failed: " + std::string(why)};
}

Error TooManyItems(std::size_t items_max) {
  return {KieErrc::kNotEnoughQuota, "more items in one import than " + std::to_string(items_max) +
                                        "; split it or raise the limit import_items_max"};
}

}  // namespace skep::server
