#include "kie/core/label_topics.h"

#include <algorithm>
#include <utility>

#include "kie/core/label_format.h"

namespace skep::core {
namespace {

// The formats of all subsets of the labels, "none" among them.
std::vector<std::string> SubsetFormats(const Labels& labels) {
  std::vector<std::string> formats{""};
  for (const auto& [name, value] : labels) {
    const std::size_t without = formats.size();
    for (std::size_t i = 0; i < without; ++i) {
      std::string with = formats[i];
      AppendLabel(name, value, &with);
      formats.push_back(std::move(with));
    }
  }
  formats.front() = LabelFormat({});
  return formats;
}

}  // namespace

std::string LabelTopic(const Tenant& tenant, LabelMatch match, std::string_view format) {
  std::string topic = tenant.domain;
  topic += '/';
  topic += tenant.project;
  topic += match == LabelMatch::kExact ? "/=" : "/<";
  topic += format;
  return topic;
}

std::vector<std::string> LabelTopicsOf(const Tenant& tenant, const LabelSet& set) {
  std::vector<std::string> topics;
  topics.push_back(LabelTopic(tenant, LabelMatch::kExact, set.format));
  for (const std::string& format : SubsetFormats(set.labels)) {
    topics.push_back(LabelTopic(tenant, LabelMatch::kSubset, format));
  }
  return topics;
}

bool LabelsMatch(const Labels& labels, LabelMatch match, const LabelSet& set) {
  if (match == LabelMatch::kExact) return labels == set.labels;
  return std::ranges::includes(set.labels, labels);
}

}  // namespace skep::core
