// KvListMemo: the bodies of lists of items, kept for the next caller whose query matches the same.
//
// What was matched is the key, not what was asked: a change elsewhere in the domain moves its
// revision and leaves these bodies alone, and two queries that find the same items share one. So a
// thousand clients that poll the same labels encode, and pack, once. Bytes draw from what the
// engine has for lists (ConfigCenter::memos), three quarters of it at most; the oldest makes room.
//
// A body with a former state of an item is of no use to anybody. Such are let go of whenever there
// are twice the bytes that were left the last time, a shard with each body that is kept from then
// on. So what is held follows what is asked for, not how often it has changed.
//
// Thread-safety: any thread. The engine must outlive it.
#ifndef SKEP_SERVER_CODEC_KV_LIST_MEMO_H_
#define SKEP_SERVER_CODEC_KV_LIST_MEMO_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "server/codec/instance_memo.h"
#include "skep/kie/query.h"
#include "skep/memo.h"

namespace skep::server {

/// Of what the engine has for lists, one part in so many is for answered queries
/// (kv_answer_memo.h), the rest for bodies.
inline constexpr std::size_t kAnswerShare = 4;

/// Bodies are not looked through for former states below this.
inline constexpr std::size_t kListSweepBytesMin = std::size_t{1} << 20;

struct KvListBody {
  std::shared_ptr<const std::string> text;
  Coding coding = Coding::kPlain;
};

class KvListMemo {
 public:
  explicit KvListMemo(MemoBudget* budget);
  ~KvListMemo();
  KvListMemo(const KvListMemo&) = delete;
  KvListMemo& operator=(const KvListMemo&) = delete;

  /// The list's body. It lives at least as long as it is kept here, so that others may refer to it
  /// without owning it (kv_answer_memo.h). `accepted` is what the client reads beside plain text.
  KvListBody Get(const KvList& list, Coding accepted);

  /// Bodies kept now.
  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;

  struct Entry {
    std::vector<KeyValuePtr> items{};  ///< Held, so that no other item takes their place in memory.
    std::size_t total = 0;
    std::shared_ptr<const std::string> text{};
    std::shared_ptr<const std::string> packed{};  ///< Null until asked for, or not worth it.
    std::size_t bytes = 0;

    bool Holds(const KvList& list) const;
    bool IsFormer() const;
  };

  struct Shard {
    mutable base::Mutex mu;
    std::unordered_map<std::uint64_t, Entry> entries ABSL_GUARDED_BY(mu);
    std::deque<std::uint64_t> by_age ABSL_GUARDED_BY(mu);
    std::size_t bytes ABSL_GUARDED_BY(mu) = 0;
  };

  void Keep(std::uint64_t hash, Entry entry);
  bool IsToSweep() const;
  void SweepNext();
  void DropOldest(Shard* shard, std::vector<Entry>* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard->mu);

  MemoBudget* const budget_;
  const std::shared_ptr<const std::string> nothing_;  ///< The body where nothing matches.
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> bytes_{0};  ///< Of all shards.
  std::atomic<std::size_t> sweep_bytes_{kListSweepBytesMin};
  std::atomic<std::size_t> next_sweep_{0};
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_LIST_MEMO_H_
