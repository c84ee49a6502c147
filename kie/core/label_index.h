// LabelIndex: which items have given labels.
//
// Items with the same set of labels share a LabelNode. Each label (name and value) has a posting,
// the nodes whose set has it, so that an index of a million items under a thousand sets has a
// thousand entries. A subset query walks the smallest posting and asks the others for membership.
//
// Where even the smallest is large, walking it could cost far more than the answer: two common
// labels may have few sets in common. Therefore a posting that has grown beyond kCommon is called
// common, and for every two common labels the nodes that have both are kept as a posting of their
// own. So a query walks at most kCommon nodes, or the nodes that the rarest two of its labels
// share. Rare labels pay nothing for it.
//
// Not thread-safe. Owns its nodes, not the items.
#ifndef SKEP_KIE_CORE_LABEL_INDEX_H_
#define SKEP_KIE_CORE_LABEL_INDEX_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "kie/core/kv_item.h"
#include "skep/kie/query.h"

namespace skep::core {

struct LabelPosting {
  std::string label;  ///< Name, NUL, value.
  absl::flat_hash_set<LabelNode*> nodes;
  bool common = false;  ///< Stays so until it is empty.
};

/// The items that have one set of labels.
struct LabelNode {
  std::shared_ptr<const LabelSet> set;
  std::vector<KvItem*> items;
  std::vector<LabelPosting*> postings;
};

class LabelIndex {
 public:
  static constexpr std::size_t kCommon = 64;

  /// REQUIRES: no index has the item.
  void Add(KvItem* item);
  /// REQUIRES: this index has it.
  void Remove(KvItem* item);

  /// Calls fn(const KvItem&) on the items whose labels match.
  template <class Fn>
  void ForEach(const Labels& labels, LabelMatch match, Fn&& fn) const {
    for (const LabelNode* node : Nodes(labels, match)) {
      for (KvItem* item : node->items) fn(*item);
    }
  }

  std::vector<const LabelNode*> Nodes(const Labels& labels, LabelMatch match) const;

  /// The set with this format that is in use here, or null.
  std::shared_ptr<const LabelSet> SetOf(std::string_view format) const;

 private:
  using PostingPair = std::pair<LabelPosting*, LabelPosting*>;

  static PostingPair PairOf(LabelPosting* a, LabelPosting* b) {
    return a < b ? PostingPair{a, b} : PostingPair{b, a};
  }

  LabelNode* NodeOf(const std::shared_ptr<const LabelSet>& set);
  void LinkNode(LabelNode* node);
  void UnlinkNode(LabelNode* node);
  void MakeCommon(LabelPosting* posting);
  std::vector<const LabelNode*> Subset(const Labels& labels) const;
  const absl::flat_hash_set<LabelNode*>* Smallest(const std::vector<LabelPosting*>& postings) const;

  absl::flat_hash_map<std::string_view, std::unique_ptr<LabelNode>> nodes_;        ///< By format.
  absl::flat_hash_map<std::string_view, std::unique_ptr<LabelPosting>> postings_;  ///< By label.
  absl::flat_hash_map<PostingPair, absl::flat_hash_set<LabelNode*>> both_;
};

}  // namespace skep::core

#endif  // SKEP_KIE_CORE_LABEL_INDEX_H_
