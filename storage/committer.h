// Committer: makes an engine's changes durable, in the order of their revisions.
//
// One thread takes all that is waiting as one batch, commits it, with one sync where each change is
// to be synced, moves the watermark, calls back who waits, and takes what has come meanwhile. So a
// lone change waits for its own sync and nothing else, and many at once share one.
//
//   changes   1  2 3 4  5
//   commits   [1 ][2 3 4][5 ]
//
// A commit that fails is the last one: what it held, and what waits behind it, is never tried
// again, since nobody knows what of it is on the disk. The error stays for everyone who asks.
//
// The committer also sees to it that no revision is used twice, not even after a crash: it reserves
// them in blocks of kRevisionBlock, synced whatever the durability, before the first of a block may
// be used. The next block is reserved, along with other changes, when half of one is used up, so
// that nobody waits for it; who would come so near to the end that a single change might not fit
// any more is told that the storage is busy. A start goes on behind the last block that was
// reserved.
#ifndef SKEP_STORAGE_COMMITTER_H_
#define SKEP_STORAGE_COMMITTER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "base/writer.h"
#include "skep/log.h"
#include "skep/result.h"
#include "skep/revision.h"
#include "skep/storage.h"
#include "storage/journal.h"

namespace skep::storage {

/// Revisions that are reserved at once.
inline constexpr std::uint64_t kRevisionBlock = std::uint64_t{1} << 20;

/// More than one hold of the writer lock takes between two questions to Writable().
inline constexpr std::uint64_t kRevisionsOfOneChangeMax = std::uint64_t{1} << 16;

/// The revision that an engine begins with on this storage: `first`, or the first one that no
/// engine on it has had leave to use, where that is later.
/// Errors: kStorageNewer, kStorageCorrupt, and those of Scan.
Result<Revision> FirstRevision(const Storage& storage, Revision first);

struct CommitterOptions {
  Durability durability = Durability::kSync;
  /// Bytes of changes that are not committed yet; a change that comes when there are more is
  /// refused.
  std::size_t waiting_bytes_max = std::size_t{256} << 20;
  LogSink log{};
};

class Committer final : public Journal, public Watermark {
 public:
  /// Both outlive the committer. All before the counter's next revision is taken for durable.
  Committer(Storage* storage, base::RevisionCounter* revisions, CommitterOptions options);
  /// Stops.
  ~Committer() override;
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Reserves the first block of revisions and starts the thread. Before it returns well, nothing
  /// else may be called. Errors: kStorageFailed.
  Status Start();

  /// Commits what waits, calls back who waits, and ends the thread; nothing may be appended
  /// afterwards. With kAsync the last thing is a sync. Errors: kStorageFailed, whenever it did.
  Status Stop();

  // Journal
  Status Writable() const override;
  void Append(Revision revision, WriteBatch batch) override;

  // Watermark
  Status WaitDurable(Revision revision) override;
  void WhenDurable(Revision revision, std::function<void(Status)> fn) override;

  /// kStorageFailed from the first failure on.
  Status health() const;
  Revision durable() const { return Revision(durable_.load(std::memory_order_acquire)); }
  std::size_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  /// Batches that the storage was given.
  std::uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }

 private:
  using Callback = std::function<void(Status)>;

  // What goes to the storage as one batch.
  struct Group {
    std::vector<WriteBatch> batches;
    std::size_t bytes = 0;
    std::uint64_t last = 0;            ///< The newest revision of it.
    std::uint64_t reserved_until = 0;  ///< Not 0: it reserves revisions below this.
  };

  bool NeedsBlock() const;
  bool HasWork() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Run();
  /// Waits for work; nothing: it is all done, and to be stopped.
  std::optional<Group> NextGroup();
  Status Commit(Group* group);
  void Finish(const Group& group, const Status& status);
  Error Failed(const std::string& detail) const;

  Storage* const storage_;
  base::RevisionCounter* const revisions_;
  const CommitterOptions options_;

  // Written by the thread, and read by all.
  std::atomic<std::uint64_t> durable_;         ///< The newest revision that is.
  std::atomic<std::uint64_t> reserved_until_;  ///< Revisions below it may be used.
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<bool> failed_{false};

  std::atomic<std::size_t> waiting_bytes_{0};

  mutable base::Mutex mu_;
  mutable base::CondVar work_;  ///< Of the thread alone.
  bool idle_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::optional<Error> failure_ ABSL_GUARDED_BY(mu_);
  std::vector<WriteBatch> queue_ ABSL_GUARDED_BY(mu_);
  std::size_t queue_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::uint64_t appended_ ABSL_GUARDED_BY(mu_);  ///< The newest revision handed over.
  std::uint64_t taken_ ABSL_GUARDED_BY(mu_);     ///< The newest one that the thread has taken.
  std::vector<Callback> in_flight_ ABSL_GUARDED_BY(mu_);  ///< Wait for revisions up to taken_.
  std::vector<Callback> queued_ ABSL_GUARDED_BY(mu_);     ///< Wait for later ones.

  std::thread thread_;
  bool unsynced_ = false;  ///< The thread's, then Stop's.
};

}  // namespace skep::storage

#endif  // SKEP_STORAGE_COMMITTER_H_
