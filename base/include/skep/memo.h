/// Memo: something derived from an immutable record, kept with it. MemoSlot: where it is kept.
///
/// The layer above a record (a codec) owns the memo's type; the record's layer knows only that it
/// has a size and an end. The first memo put into a slot stays for the record's life. All slots of
/// an engine share one byte limit (MemoBudget); when it is reached, Put keeps nothing and the
/// caller goes on with its own memo.
///
/// Thread-safety: all of it may be called from any thread.
#ifndef SKEP_MEMO_H_
#define SKEP_MEMO_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace skep {

/// A count of bytes with a limit. Outlives every slot that draws from it.
class MemoBudget {
 public:
  explicit MemoBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool TryTake(std::size_t bytes);
  /// What TryTake would say now; by then others may have taken it.
  bool HasRoom(std::size_t bytes) const { return used() + bytes <= bytes_max_; }
  void Return(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t bytes_max() const { return bytes_max_; }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> used_{0};
};

/// Base of all memos. Counted; made with one reference, which MemoPtr::Adopt takes over.
class Memo {
 public:
  Memo(const Memo&) = delete;
  Memo& operator=(const Memo&) = delete;

  void Ref() const { refs_.fetch_add(1, std::memory_order_relaxed); }
  void Unref() const {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) Destroy();
  }

 protected:
  Memo() = default;
  virtual ~Memo() = default;
  /// Frees the memo; a type that is allocated in its own way overrides it.
  virtual void Destroy() const { delete this; }

 private:
  mutable std::atomic<std::uint32_t> refs_{1};
};

/// A shared reference to a memo.
template <class T>
class MemoPtr {
 public:
  MemoPtr() = default;
  static MemoPtr Adopt(const T* memo) { return MemoPtr(memo); }
  static MemoPtr Share(const T* memo) {
    if (memo != nullptr) memo->Ref();
    return MemoPtr(memo);
  }
  MemoPtr(const MemoPtr& other) : memo_(other.memo_) {
    if (memo_ != nullptr) memo_->Ref();
  }
  MemoPtr(MemoPtr&& other) noexcept : memo_(std::exchange(other.memo_, nullptr)) {}
  MemoPtr& operator=(MemoPtr other) noexcept {
    std::swap(memo_, other.memo_);
    return *this;
  }
  ~MemoPtr() {
    if (memo_ != nullptr) memo_->Unref();
  }

  const T* get() const { return memo_; }
  const T* operator->() const { return memo_; }
  const T& operator*() const { return *memo_; }
  explicit operator bool() const { return memo_ != nullptr; }

 private:
  explicit MemoPtr(const T* memo) : memo_(memo) {}
  const T* memo_ = nullptr;
};

class MemoSlot {
 public:
  explicit MemoSlot(MemoBudget* budget) : budget_(budget) {}
  ~MemoSlot();
  MemoSlot(const MemoSlot&) = delete;
  MemoSlot& operator=(const MemoSlot&) = delete;

  MemoBudget* budget() const { return budget_; }

  /// The memo kept here, or nullptr. Valid as long as the slot's owner is; Ref() it to keep longer.
  const Memo* Get() const { return memo_.load(std::memory_order_acquire); }

  /// Keeps `memo`, of `bytes` bytes, unless another was faster or the budget is spent. Takes a
  /// reference of its own. Returns what the slot holds then: `memo`, the earlier one, or nullptr.
  const Memo* Put(const Memo& memo, std::size_t bytes) const;

 private:
  MemoBudget* const budget_;
  mutable std::atomic<const Memo*> memo_{nullptr};
  mutable std::size_t bytes_ = 0;  ///< Written by the one that wins, read by the destructor.
};

}  // namespace skep

#endif  // SKEP_MEMO_H_
