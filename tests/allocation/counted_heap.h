// The heap of this program, counted: its operator new and delete are in counted_heap.cc.
#ifndef SKEP_TESTS_ALLOCATION_COUNTED_HEAP_H_
#define SKEP_TESTS_ALLOCATION_COUNTED_HEAP_H_

#include <cstddef>
#include <cstdint>

namespace skep::testing {

/// Allocations that the calling thread has made so far.
std::uint64_t AllocationsOfThisThread();

/// Bytes that all threads hold now, as the allocator rounds them.
std::size_t HeapBytes();

}  // namespace skep::testing

#endif  // SKEP_TESTS_ALLOCATION_COUNTED_HEAP_H_
