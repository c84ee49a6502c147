#include "server/codec/kv_list_memo.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "server/codec/gzip.h"
#include "server/codec/kv_json.h"

namespace skep::server {
namespace {

std::shared_ptr<const std::string> MakeText(const KvList& list) {
  std::string text;
  AppendKvListBody(list.items(), list.total(), &text);
  text.shrink_to_fit();
  return std::make_shared<const std::string>(std::move(text));
}

// Null where it is not worth it.
std::shared_ptr<const std::string> MakePacked(const std::string& text) {
  if (text.size() < kGzipBytesMin || text.size() > kKeptGzipBytesMax) return nullptr;
  std::string packed = Gzip(text);
  if (packed.empty()) return nullptr;
  packed.shrink_to_fit();
  return std::make_shared<const std::string>(std::move(packed));
}

// Of which items, which nobody outside can choose: no seed is needed.
std::uint64_t HashOf(const KvList& list) {
  const base::Hasher hasher(0);
  std::uint64_t hash = list.total();
  for (const KeyValuePtr& item : list.items()) {
    hash =
        hasher.Mix(hash, static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(item.get())));
  }
  return hash;
}

}  // namespace

KvListMemo::KvListMemo(MemoBudget* budget)
    : budget_(budget), nothing_(MakeText(KvList({}, 0, Revision()))) {}

KvListMemo::~KvListMemo() {
  for (Shard& shard : shards_) {
    base::MutexLock lock(&shard.mu);
    for (const auto& [hash, entry] : shard.entries) budget_->Return(entry.bytes);
  }
}

bool KvListMemo::Entry::Holds(const KvList& list) const {
  return total == list.total() && items == list.items();
}

bool KvListMemo::Entry::IsFormer() const {
  return std::ranges::any_of(items, [](const KeyValuePtr& item) { return item->is_former(); });
}

KvListBody KvListMemo::Get(const KvList& list, Coding accepted) {
  if (list.items().empty()) return {list.total() == 0 ? nothing_ : MakeText(list)};
  const std::uint64_t hash = HashOf(list);
  Shard& shard = shards_[hash % kShards];
  std::shared_ptr<const std::string> text;
  {
    base::MutexLock lock(&shard.mu);
    const auto at = shard.entries.find(hash);
    if (at != shard.entries.end() && at->second.Holds(list)) {
      text = at->second.text;
      if (accepted == Coding::kPlain) return {text};
      if (at->second.packed != nullptr) return {at->second.packed, Coding::kGzip};
    }
  }
  // Several may do this at once; the last one stays.
  Entry entry{.items = list.items(),
              .total = list.total(),
              .text = text != nullptr ? std::move(text) : MakeText(list)};
  if (accepted == Coding::kGzip) entry.packed = MakePacked(*entry.text);
  KvListBody body{entry.packed != nullptr ? entry.packed : entry.text,
                  entry.packed != nullptr ? Coding::kGzip : Coding::kPlain};
  Keep(hash, std::move(entry));
  if (IsToSweep()) SweepNext();
  return body;
}

// A round that has begun goes on: half of one says nothing of what is left.
bool KvListMemo::IsToSweep() const {
  return next_sweep_.load(std::memory_order_relaxed) % kShards != 0 ||
         bytes_.load(std::memory_order_relaxed) > sweep_bytes_.load(std::memory_order_relaxed);
}

void KvListMemo::SweepNext() {
  const std::size_t turn = next_sweep_.fetch_add(1, std::memory_order_relaxed) % kShards;
  std::vector<Entry> dropped;  // Freed with no lock held.
  {
    Shard& shard = shards_[turn];
    base::MutexLock lock(&shard.mu);
    for (std::size_t left = shard.by_age.size(); left > 0; --left) {
      const std::uint64_t hash = shard.by_age.front();
      if (shard.entries.find(hash)->second.IsFormer()) {
        DropOldest(&shard, &dropped);
      } else {
        shard.by_age.pop_front();
        shard.by_age.push_back(hash);
      }
    }
  }
  if (turn + 1 < kShards) return;
  sweep_bytes_ = std::max(kListSweepBytesMin, 2 * bytes_.load(std::memory_order_relaxed));
}

void KvListMemo::DropOldest(Shard* shard, std::vector<Entry>* dropped) {
  const auto at = shard->entries.find(shard->by_age.front());
  shard->by_age.pop_front();
  shard->bytes -= at->second.bytes;
  bytes_.fetch_sub(at->second.bytes, std::memory_order_relaxed);
  budget_->Return(at->second.bytes);
  dropped->push_back(std::move(at->second));
  shard->entries.erase(at);
}

void KvListMemo::Keep(std::uint64_t hash, Entry entry) {
  entry.bytes = sizeof(Entry) + entry.items.size() * sizeof(KeyValuePtr) + entry.text->size() +
                (entry.packed != nullptr ? entry.packed->size() : 0);
  const std::size_t bytes_max =
      (budget_->bytes_max() - budget_->bytes_max() / kAnswerShare) / kShards;
  if (entry.bytes > bytes_max) return;
  std::vector<Entry> dropped;  // Freed with no lock held.
  Shard& shard = shards_[hash % kShards];
  base::MutexLock lock(&shard.mu);
  const auto there = shard.entries.find(hash);
  if (there != shard.entries.end()) {
    std::erase(shard.by_age, hash);
    shard.by_age.push_front(hash);
    DropOldest(&shard, &dropped);
  }
  while (shard.bytes + entry.bytes > bytes_max) DropOldest(&shard, &dropped);
  if (!budget_->TryTake(entry.bytes)) return;
  shard.bytes += entry.bytes;
  bytes_.fetch_add(entry.bytes, std::memory_order_relaxed);
  shard.by_age.push_back(hash);
  shard.entries.emplace(hash, std::move(entry));
}

std::size_t KvListMemo::size() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    base::MutexLock lock(&shard.mu);
    count += shard.entries.size();
  }
  return count;
}

}  // namespace skep::server
