// The topics under which those are filed who are told of changes by labels: waits and watches.
//
// Who asks for labels files itself under one topic. A change looks up all those that it can
// concern: its item's exact set, and each subset of it, 64 at most. So who asks for other labels
// costs a change nothing, however many they are.
#ifndef SKEP_KIE_CORE_LABEL_TOPICS_H_
#define SKEP_KIE_CORE_LABEL_TOPICS_H_

#include <string>
#include <string_view>
#include <vector>

#include "skep/kie/query.h"
#include "skep/kie/types.h"

namespace skep::core {

/// An item's part in one change, before and after it. One of the two may be null.
struct KvStep {
  KeyValuePtr before;
  KeyValuePtr after;

  const KvIdentity& identity() const { return *(after != nullptr ? after : before)->identity; }
};

/// The topic of who asks for the labels of this format.
std::string LabelTopic(const Tenant& tenant, LabelMatch match, std::string_view format);

/// The topics that a change of an item with these labels can concern.
std::vector<std::string> LabelTopicsOf(const Tenant& tenant, const LabelSet& set);

/// Whether an item with these labels is of the topic of who asks for `labels`.
bool LabelsMatch(const Labels& labels, LabelMatch match, const LabelSet& set);

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_LABEL_TOPICS_H_
