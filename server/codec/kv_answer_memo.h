// KvAnswerMemo: what was answered to a query for a list, kept for whoever asks the same in the same
// words before anything changes.
//
// An answer is good while the domain's revision is the one that it was made at: every change of the
// configuration takes a revision, and shows it no later than itself. So a hit neither reads the
// query nor looks for items. Behind it KvListMemo has the bodies, by what was matched; they are
// kept there alone, and an answer whose body is dropped there is forgotten here too.
//
// There is a fixed number of places, which a query finds by its hash, so that strangers with many
// queries can make others' answers be made anew, and no more. Bytes draw from the engine's limit
// for lists (ConfigCenter::memos), a quarter of it at most.
//
// Thread-safety: any thread. The engine must outlive it.
#ifndef SKEP_SERVER_CODEC_KV_ANSWER_MEMO_H_
#define SKEP_SERVER_CODEC_KV_ANSWER_MEMO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "server/codec/kv_list_memo.h"
#include "skep/memo.h"
#include "skep/revision.h"

namespace skep::server {

/// Answers to longer queries are not kept.
inline constexpr std::size_t kKeptQueryBytesMax = 512;

/// A query as it came. Two that mean the same in other words are two.
struct KvAsked {
  std::string_view project;
  std::string_view query;
  Coding accepted = Coding::kPlain;  ///< What the client reads beside plain text.
};

class KvAnswerMemo {
 public:
  explicit KvAnswerMemo(MemoBudget* budget);
  ~KvAnswerMemo();
  KvAnswerMemo(const KvAnswerMemo&) = delete;
  KvAnswerMemo& operator=(const KvAnswerMemo&) = delete;

  /// The answer, a null text for 304; none where none is kept that was made at `newest`, which the
  /// caller has read as the domain's revision since the request came.
  std::optional<KvListBody> Find(const KvAsked& asked, Revision newest) const;

  /// Keeps an answer that knows of all changes up to `newest`, and of none after; a null text is
  /// 304. It takes the place of the one whose revision is the lowest.
  void Keep(const KvAsked& asked, Revision newest, const KvListBody& body);

  /// Answers kept now, old ones among them.
  std::size_t size() const;

 private:
  static constexpr std::size_t kBuckets = 4096;
  static constexpr std::size_t kPlaces = 4;  ///< Of a bucket.
  static constexpr std::size_t kLocks = 64;

  struct Entry;
  using Bucket = std::array<std::unique_ptr<const Entry>, kPlaces>;

  /// Buckets of one lock.
  struct Shard {
    mutable base::Mutex mu;
    std::array<Bucket, kBuckets / kLocks> buckets ABSL_GUARDED_BY(mu);
  };

  static std::unique_ptr<const Entry>* PlaceFor(const Entry& entry, Bucket* bucket);
  bool Take(std::size_t bytes);
  void Return(std::size_t bytes);

  MemoBudget* const budget_;
  MemoBudget share_;
  const std::unique_ptr<std::array<Shard, kLocks>> shards_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_KV_ANSWER_MEMO_H_
