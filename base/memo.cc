#include "skep/memo.h"

namespace skep {

bool MemoBudget::TryTake(std::size_t bytes) {
  if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
  Return(bytes);
  return false;
}

MemoSlot::~MemoSlot() {
  const Memo* memo = memo_.load(std::memory_order_acquire);
  if (memo == nullptr) return;
  memo->Unref();
  budget_->Return(bytes_);
}

const Memo* MemoSlot::Put(const Memo& memo, std::size_t bytes) const {
  if (const Memo* earlier = Get()) return earlier;
  if (!budget_->TryTake(bytes)) return nullptr;
  memo.Ref();
  const Memo* expected = nullptr;
  if (memo_.compare_exchange_strong(expected, &memo, std::memory_order_acq_rel)) {
    bytes_ = bytes;
    return &memo;
  }
  memo.Unref();
  budget_->Return(bytes);
  return expected;
}

}  // namespace skep
