#include "storage/committer.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>

#include "storage/format.h"
#include "storage/keys.h"

namespace skep::storage {
namespace {

// The number stored under the key; nothing: there is none.
Result<std::optional<std::uint64_t>> ReadNumber(const Storage& storage, std::string_view key) {
  std::optional<std::uint64_t> number;
  bool good = true;
  Status scanned = storage.Scan(key, [&](std::string_view found, std::string_view value) {
    if (found != key) return true;
    std::uint64_t parsed = 0;
    const auto [end, failure] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    good = failure == std::errc() && end == value.data() + value.size();
    number = parsed;
    return false;
  });
  if (!scanned.ok()) return scanned.error();
  if (!good) {
    return Error(EngineErrc::kStorageCorrupt,
                 "key " + std::string(key) + " holds no number; restore a checkpoint");
  }
  return number;
}

}  // namespace

Result<Revision> FirstRevision(const Storage& storage, Revision first) {
  const Result<std::optional<std::uint64_t>> format = ReadNumber(storage, kFormatKey);
  if (!format.ok()) return format.error();
  if (format->value_or(0) > kFormat) {
    return Error(EngineErrc::kStorageNewer,
                 "it has format " + std::to_string(**format) + ", and this version knows " +
                     std::to_string(kFormat) + " at most; start the version that wrote it");
  }
  const Result<std::optional<std::uint64_t>> next = ReadNumber(storage, kRevisionKey);
  if (!next.ok()) return next.error();
  return std::max(first, Revision(next->value_or(0)));
}

Committer::Committer(Storage* storage, base::RevisionCounter* revisions, CommitterOptions options)
    : storage_(storage),
      revisions_(revisions),
      options_(std::move(options)),
      durable_(revisions->last().number()),
      reserved_until_(0),
      appended_(durable_),
      taken_(durable_) {}

Committer::~Committer() {
  // Who wants to know of a failure has called it before.
  if (const Status stopped = Stop(); !stopped.ok()) return;
}

Status Committer::Start() {
  Group first;
  first.reserved_until = revisions_->last().number() + 1 + kRevisionBlock;
  first.last = revisions_->last().number();
  const Status status = Commit(&first);
  Finish(first, status);
  if (!status.ok()) return health();
  thread_ = std::thread([this] { Run(); });
  return {};
}

Status Committer::Stop() {
  {
    base::MutexLock lock(&mu_);
    stopping_ = true;
    work_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
  if (std::exchange(unsynced_, false) && health().ok()) {
    Group last;
    last.reserved_until = reserved_until_;
    last.last = durable_;
    const Status status = Commit(&last);
    Finish(last, status);
  }
  return health();
}

Status Committer::health() const {
  if (!failed_.load(std::memory_order_acquire)) return {};
  base::MutexLock lock(&mu_);
  return *failure_;
}

Error Committer::Failed(const std::string& detail) const {
  return {EngineErrc::kStorageFailed,
          detail + "; writes are refused and leases do not end until the process is started anew"};
}

// ---------------------------------------------------------------------------------------------
// Journal

Status Committer::Writable() const {
  if (failed_.load(std::memory_order_acquire)) return health();
  if (waiting_bytes() > options_.waiting_bytes_max) {
    return Error(EngineErrc::kStorageBusy,
                 "more than " + std::to_string(options_.waiting_bytes_max) +
                     " bytes of changes wait for the disk; try again later");
  }
  if (NeedsBlock()) {
    {
      base::MutexLock lock(&mu_);
      work_.NotifyAll();
    }
    if (revisions_->last().number() + kRevisionsOfOneChangeMax >= reserved_until_) {
      return Error(EngineErrc::kStorageBusy,
                   "the next revisions wait for the disk; try again later");
    }
  }
  return {};
}

void Committer::Append(Revision revision, WriteBatch batch) {
  base::MutexLock lock(&mu_);
  if (failure_.has_value()) return;
  const bool all_durable = appended_ == durable_;
  appended_ = revision.number();
  if (batch.empty()) {
    // Nothing of it goes to the disk: it is as durable as what was before it.
    if (all_durable) {
      taken_ = appended_;
      durable_.store(appended_, std::memory_order_release);
    }
    return;
  }
  queue_bytes_ += batch.bytes();
  waiting_bytes_.fetch_add(batch.bytes(), std::memory_order_relaxed);
  queue_.push_back(std::move(batch));
  if (idle_) work_.NotifyAll();
}

// ---------------------------------------------------------------------------------------------
// Watermark

Status Committer::WaitDurable(Revision revision) {
  struct Wait {
    base::Mutex mu;
    base::CondVar cv;
    std::optional<Status> status ABSL_GUARDED_BY(mu);
  };
  // Shared, since the one who wakes us is still at it when we go.
  const auto wait = std::make_shared<Wait>();
  WhenDurable(revision, [wait](Status status) {
    base::MutexLock lock(&wait->mu);
    wait->status = std::move(status);
    wait->cv.NotifyAll();
  });
  base::MutexLock lock(&wait->mu);
  while (!wait->status.has_value()) wait->cv.Wait(&wait->mu);
  return *wait->status;
}

void Committer::WhenDurable(Revision revision, std::function<void(Status)> fn) {
  Status now;
  if (revision > durable()) {
    base::MutexLock lock(&mu_);
    // What was never appended has nothing to be written; it rests on what was.
    const std::uint64_t until = std::min(revision.number(), appended_);
    if (until > durable_.load(std::memory_order_relaxed)) {
      if (!failure_.has_value()) {
        (until <= taken_ ? in_flight_ : queued_).push_back(std::move(fn));
        return;
      }
      now = *failure_;
    }
  }
  fn(std::move(now));
}

// ---------------------------------------------------------------------------------------------
// The thread

bool Committer::NeedsBlock() const {
  return revisions_->last().number() + kRevisionBlock / 2 >= reserved_until_;
}

bool Committer::HasWork() const {
  return !failure_.has_value() && (appended_ > taken_ || NeedsBlock());
}

void Committer::Run() {
  while (std::optional<Group> group = NextGroup()) {
    const Status status = Commit(&*group);
    Finish(*group, status);
  }
}

std::optional<Committer::Group> Committer::NextGroup() {
  base::MutexLock lock(&mu_);
  while (!HasWork()) {
    if (stopping_) return std::nullopt;
    idle_ = true;
    work_.Wait(&mu_);
    idle_ = false;
  }
  Group group;
  group.batches = std::exchange(queue_, {});
  group.bytes = std::exchange(queue_bytes_, 0);
  group.last = taken_ = appended_;
  in_flight_ = std::exchange(queued_, {});
  if (NeedsBlock()) group.reserved_until = revisions_->last().number() + 1 + kRevisionBlock;
  return group;
}

Status Committer::Commit(Group* group) {
  WriteBatch all;
  for (WriteBatch& batch : group->batches) all.Append(std::move(batch));
  bool sync = options_.durability == Durability::kSync;
  if (group->reserved_until != 0) {
    all.Put(std::string(kFormatKey), std::to_string(kFormat));
    all.Put(std::string(kRevisionKey), std::to_string(group->reserved_until));
    sync = true;
  }
  if (all.empty()) return {};
  commits_.fetch_add(1, std::memory_order_relaxed);
  unsynced_ = !sync;
  return storage_->Commit(all, sync ? Sync::kYes : Sync::kNo);
}

void Committer::Finish(const Group& group, const Status& status) {
  std::vector<Callback> waiting;
  std::size_t done_bytes = group.bytes;
  Status told;
  {
    base::MutexLock lock(&mu_);
    waiting = std::exchange(in_flight_, {});
    if (status.ok()) {
      // An empty change may have moved it further meanwhile.
      durable_.store(std::max(group.last, durable_.load()), std::memory_order_release);
      if (group.reserved_until != 0) reserved_until_ = group.reserved_until;
    } else {
      failure_ = Failed(status.error().ToString());
      told = *failure_;
      failed_.store(true, std::memory_order_release);
      std::move(queued_.begin(), queued_.end(), std::back_inserter(waiting));
      queued_.clear();
      queue_.clear();
      done_bytes += std::exchange(queue_bytes_, 0);
    }
  }
  waiting_bytes_.fetch_sub(done_bytes, std::memory_order_relaxed);
  if (!told.ok() && options_.log) options_.log(LogLevel::kError, told.error().ToString());
  for (const Callback& callback : waiting) callback(told);
}

}  // namespace skep::storage
