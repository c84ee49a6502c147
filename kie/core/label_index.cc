#include "kie/core/label_index.h"

#include <algorithm>

namespace skep::core {
namespace {

std::string LabelText(std::string_view name, std::string_view value) {
  std::string text(name);
  text += '\0';
  text += value;
  return text;
}

}  // namespace

void LabelIndex::Add(KvItem* item) {
  LabelNode* node = NodeOf(item->identity->label_set);
  item->node = node;
  item->slot = static_cast<std::uint32_t>(node->items.size());
  node->items.push_back(item);
}

void LabelIndex::Remove(KvItem* item) {
  LabelNode* node = item->node;
  KvItem* moved = node->items.back();
  node->items[item->slot] = moved;
  moved->slot = item->slot;
  node->items.pop_back();
  item->node = nullptr;
  if (!node->items.empty()) return;
  UnlinkNode(node);
  nodes_.erase(node->set->format);
}

std::shared_ptr<const LabelSet> LabelIndex::SetOf(std::string_view format) const {
  const auto at = nodes_.find(format);
  return at == nodes_.end() ? nullptr : at->second->set;
}

LabelNode* LabelIndex::NodeOf(const std::shared_ptr<const LabelSet>& set) {
  if (const auto at = nodes_.find(set->format); at != nodes_.end()) return at->second.get();
  auto node = std::make_unique<LabelNode>();
  node->set = set;
  LabelNode* added = node.get();
  nodes_.emplace(set->format, std::move(node));
  LinkNode(added);
  return added;
}

void LabelIndex::LinkNode(LabelNode* node) {
  for (const auto& [name, value] : node->set->labels) {
    std::string label = LabelText(name, value);
    auto at = postings_.find(label);
    if (at == postings_.end()) {
      auto posting = std::make_unique<LabelPosting>();
      posting->label = std::move(label);
      const std::string_view key = posting->label;
      at = postings_.emplace(key, std::move(posting)).first;
    }
    at->second->nodes.insert(node);
    node->postings.push_back(at->second.get());
  }
  for (std::size_t i = 0; i < node->postings.size(); ++i) {
    for (std::size_t j = i + 1; j < node->postings.size(); ++j) {
      if (!node->postings[i]->common || !node->postings[j]->common) continue;
      both_[PairOf(node->postings[i], node->postings[j])].insert(node);
    }
  }
  for (LabelPosting* posting : node->postings) {
    if (!posting->common && posting->nodes.size() > kCommon) MakeCommon(posting);
  }
}

void LabelIndex::MakeCommon(LabelPosting* posting) {
  posting->common = true;
  for (LabelNode* node : posting->nodes) {
    for (LabelPosting* other : node->postings) {
      if (other != posting && other->common) both_[PairOf(posting, other)].insert(node);
    }
  }
}

void LabelIndex::UnlinkNode(LabelNode* node) {
  for (std::size_t i = 0; i < node->postings.size(); ++i) {
    for (std::size_t j = i + 1; j < node->postings.size(); ++j) {
      const auto at = both_.find(PairOf(node->postings[i], node->postings[j]));
      if (at == both_.end()) continue;
      at->second.erase(node);
      if (at->second.empty()) both_.erase(at);
    }
  }
  for (LabelPosting* posting : node->postings) {
    posting->nodes.erase(node);
    if (posting->nodes.empty()) postings_.erase(posting->label);
  }
}

std::vector<const LabelNode*> LabelIndex::Nodes(const Labels& labels, LabelMatch match) const {
  std::vector<const LabelNode*> found;
  if (match == LabelMatch::kExact) {
    const auto at = nodes_.find(LabelFormat(labels));
    if (at != nodes_.end()) found.push_back(at->second.get());
    return found;
  }
  if (!labels.empty()) return Subset(labels);
  found.reserve(nodes_.size());
  for (const auto& [format, node] : nodes_) found.push_back(node.get());
  return found;
}

std::vector<const LabelNode*> LabelIndex::Subset(const Labels& labels) const {
  std::vector<LabelPosting*> postings;
  for (const auto& [name, value] : labels) {
    const auto at = postings_.find(LabelText(name, value));
    if (at == postings_.end()) return {};
    postings.push_back(at->second.get());
  }
  std::vector<const LabelNode*> found;
  const absl::flat_hash_set<LabelNode*>* nodes = Smallest(postings);
  if (nodes == nullptr) return found;
  for (LabelNode* node : *nodes) {
    const bool has_all = std::ranges::all_of(
        postings, [node](const LabelPosting* posting) { return posting->nodes.contains(node); });
    if (has_all) found.push_back(node);
  }
  return found;
}

// The smallest set of nodes known to hold all that have these labels; null: there is none.
const absl::flat_hash_set<LabelNode*>* LabelIndex::Smallest(
    const std::vector<LabelPosting*>& postings) const {
  const absl::flat_hash_set<LabelNode*>* smallest = &postings.front()->nodes;
  for (const LabelPosting* posting : postings) {
    if (posting->nodes.size() < smallest->size()) smallest = &posting->nodes;
  }
  if (smallest->size() <= kCommon) return smallest;
  for (std::size_t i = 0; i < postings.size(); ++i) {
    for (std::size_t j = i + 1; j < postings.size(); ++j) {
      const auto at = both_.find(PairOf(postings[i], postings[j]));
      if (at == both_.end()) return nullptr;
      if (at->second.size() < smallest->size()) smallest = &at->second;
    }
  }
  return smallest;
}

}  // namespace skep::core
