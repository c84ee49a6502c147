#include "kie/core/kv_order.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace skep::core {
namespace {

// Changes of one revision have no order of their own: by key, so that equal states list equally.
bool IsListedBefore(const KeyValuePtr& a, const KeyValuePtr& b) {
  if (a->priority != b->priority) return a->priority > b->priority;
  if (a->update_revision != b->update_revision) return a->update_revision > b->update_revision;
  return IsBefore(*a->identity, *b->identity);
}

}  // namespace

bool IsBefore(const KvIdentity& a, const KvIdentity& b) {
  return std::tie(a.key, a.label_set->format) < std::tie(b.key, b.label_set->format);
}

void SortPage(const KvQuery& query, std::vector<KeyValuePtr>* items) {
  const std::size_t size = items->size();
  std::size_t begin = 0;
  std::size_t end = size;
  if (query.limit.has_value()) {
    begin = std::min(size, static_cast<std::size_t>(query.offset));
    end = std::min(size, begin + static_cast<std::size_t>(*query.limit));
  }
  const auto middle = items->begin() + static_cast<std::ptrdiff_t>(end);
  if (query.order == KvOrder::kKey) {
    std::partial_sort(items->begin(), middle, items->end(),
                      [](const KeyValuePtr& a, const KeyValuePtr& b) {
                        return IsBefore(*a->identity, *b->identity);
                      });
  } else if (end == size) {
    std::sort(items->begin(), items->end(), IsListedBefore);
  } else {
    std::partial_sort(items->begin(), middle, items->end(), IsListedBefore);
  }
  items->erase(middle, items->end());
  items->erase(items->begin(), items->begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace skep::core
