#include "server/codec/kv_answer_memo.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace skep::server {
namespace {

// Without a seed: who makes queries that meet in a bucket displaces answers, as with any others.
std::uint64_t HashOf(const KvAsked& asked) {
  const base::Hasher hasher(0);
  const std::uint64_t words = hasher.Mix(hasher(asked.project), asked.query);
  return hasher.Mix(words, static_cast<std::uint64_t>(asked.accepted));
}

}  // namespace

struct KvAnswerMemo::Entry {
  Entry(std::uint64_t with_hash, const KvAsked& asked, Revision at, const KvListBody& body)
      : hash(with_hash),
        project(asked.project),
        query(asked.query),
        accepted(asked.accepted),
        revision(at),
        not_modified(body.text == nullptr),
        coding(body.coding),
        text(body.text) {}

  bool IsFor(std::uint64_t asked_hash, const KvAsked& asked) const {
    return hash == asked_hash && query == asked.query && project == asked.project &&
           accepted == asked.accepted;
  }
  bool IsFor(const Entry& other) const {
    return IsFor(other.hash, {other.project, other.query, other.accepted});
  }
  std::size_t bytes() const { return sizeof(Entry) + project.size() + query.size(); }

  std::optional<KvListBody> Body() const {
    KvListBody body{text.lock(), coding};
    if (body.text == nullptr && !not_modified) return std::nullopt;
    return body;
  }

  const std::uint64_t hash;
  const std::string project;
  const std::string query;
  const Coding accepted;
  const Revision revision;
  const bool not_modified;
  const Coding coding;
  const std::weak_ptr<const std::string> text;
};

KvAnswerMemo::KvAnswerMemo(MemoBudget* budget)
    : budget_(budget),
      share_(budget->bytes_max() / kAnswerShare),
      shards_(std::make_unique<std::array<Shard, kLocks>>()) {}

KvAnswerMemo::~KvAnswerMemo() { budget_->Return(share_.used()); }

std::optional<KvListBody> KvAnswerMemo::Find(const KvAsked& asked, Revision newest) const {
  const std::uint64_t hash = HashOf(asked);
  const Shard& shard = (*shards_)[hash % kLocks];
  base::MutexLock lock(&shard.mu);
  for (const auto& entry : shard.buckets[hash / kLocks % (kBuckets / kLocks)]) {
    if (entry == nullptr || !entry->IsFor(hash, asked)) continue;
    if (entry->revision != newest) return std::nullopt;
    return entry->Body();
  }
  return std::nullopt;
}

void KvAnswerMemo::Keep(const KvAsked& asked, Revision newest, const KvListBody& body) {
  if (asked.query.size() > kKeptQueryBytesMax) return;
  const std::uint64_t hash = HashOf(asked);
  auto entry = std::make_unique<const Entry>(hash, asked, newest, body);
  std::unique_ptr<const Entry> dropped;  // Freed with no lock held.
  Shard& shard = (*shards_)[hash % kLocks];
  base::MutexLock lock(&shard.mu);
  auto* place = PlaceFor(*entry, &shard.buckets[hash / kLocks % (kBuckets / kLocks)]);
  dropped = std::move(*place);
  if (dropped != nullptr) Return(dropped->bytes());
  if (Take(entry->bytes())) *place = std::move(entry);
}

// The one of the same query, else a free one, else that of the lowest revision.
std::unique_ptr<const KvAnswerMemo::Entry>* KvAnswerMemo::PlaceFor(const Entry& entry,
                                                                   Bucket* bucket) {
  const auto same = std::ranges::find_if(
      *bucket, [&](const auto& kept) { return kept != nullptr && kept->IsFor(entry); });
  if (same != bucket->end()) return &*same;
  const auto free = std::ranges::find_if(*bucket, [](const auto& kept) { return kept == nullptr; });
  if (free != bucket->end()) return &*free;
  return &*std::ranges::min_element(*bucket, {}, [](const auto& kept) { return kept->revision; });
}

bool KvAnswerMemo::Take(std::size_t bytes) {
  if (!share_.TryTake(bytes)) return false;
  if (budget_->TryTake(bytes)) return true;
  share_.Return(bytes);
  return false;
}

void KvAnswerMemo::Return(std::size_t bytes) {
  share_.Return(bytes);
  budget_->Return(bytes);
}

std::size_t KvAnswerMemo::size() const {
  std::size_t count = 0;
  for (const Shard& shard : *shards_) {
    base::MutexLock lock(&shard.mu);
    for (const Bucket& bucket : shard.buckets) {
      for (const auto& entry : bucket) count += entry != nullptr ? 1 : 0;
    }
  }
  return count;
}

}  // namespace skep::server
