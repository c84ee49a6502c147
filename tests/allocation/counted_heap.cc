#include "tests/allocation/counted_heap.h"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace skep::testing {
namespace {

constinit thread_local std::uint64_t allocations = 0;
constinit std::atomic<std::size_t> heap_bytes{0};

void* Counted(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  ++allocations;
  heap_bytes.fetch_add(malloc_usable_size(memory), std::memory_order_relaxed);
  return memory;
}

void Free(void* memory) {
  heap_bytes.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

std::uint64_t AllocationsOfThisThread() { return allocations; }
std::size_t HeapBytes() { return heap_bytes.load(std::memory_order_relaxed); }

}  // namespace skep::testing

// The forms for arrays and the ones that do not throw end in these.
void* operator new(std::size_t size) { return skep::testing::Counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t align) {
  const auto alignment = static_cast<std::size_t>(align);
  // aligned_alloc wants a multiple of the alignment.
  const std::size_t rounded = (size + alignment - 1) & ~(alignment - 1);
  return skep::testing::Counted(std::aligned_alloc(alignment, rounded));
}
void operator delete(void* memory) noexcept { skep::testing::Free(memory); }
void operator delete(void* memory, std::size_t) noexcept { skep::testing::Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { skep::testing::Free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  skep::testing::Free(memory);
}
