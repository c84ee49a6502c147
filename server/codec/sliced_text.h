// SlicedText: a coroutine that appends a text to a string, and pauses wherever the text may be cut.
// So an encoder reads like any other, and a large text is made in turns:
//
//   SlicedText Numbers(int end, std::string* out) {
//     JsonArray array(out);
//     for (int i = 0; i < end; ++i) {
//       array.Item();
//       AppendDecimal(i, out);
//       co_await kPause;
//     }
//   }
//
//   std::string out;
//   SlicedText text = Numbers(1'000'000, &out);
//   while (text.Next()) {
//     if (out.size() > enough) SendAndClear(&out);
//   }
//   Send(out);
//
// One within another is run by it:
//
//   for (SlicedText inner = Numbers(5, out); inner.Next();) co_await kPause;
//
// It takes its records by value, so that it is the snapshot; what it takes by pointer outlives it,
// the string first of all: one that is dropped half way still closes its brackets.
#ifndef SKEP_SERVER_CODEC_SLICED_TEXT_H_
#define SKEP_SERVER_CODEC_SLICED_TEXT_H_

#include <coroutine>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/codec/json_writer.h"

namespace skep::server {

/// `co_await kPause`: the text may be cut here.
inline constexpr std::suspend_always kPause{};

/// Thread-safety: none.
class [[nodiscard]] SlicedText {
 public:
  struct promise_type {  // The name is the language's.
    SlicedText get_return_object() { return SlicedText(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { throw; }
  };

  SlicedText(SlicedText&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  SlicedText& operator=(SlicedText&&) = delete;
  ~SlicedText() {
    if (handle_ != nullptr) handle_.destroy();
  }

  /// Goes on to the next pause. False: that was the end; it is not called again.
  bool Next() {
    handle_.resume();
    return !handle_.done();
  }

  /// Goes on to the end.
  void Finish() {
    while (Next()) {
    }
  }

 private:
  using Handle = std::coroutine_handle<promise_type>;

  explicit SlicedText(Handle handle) : handle_(handle) {}

  Handle handle_;
};

/// Adds `"name":[...]` to the object with a pause behind each item; nothing where there is none.
/// `append(item)` writes one item to `out`, the object's own.
template <class T, class F>
SlicedText SlicedList(JsonObject* object, std::string_view name, const std::vector<T>* items,
                      std::string* out, F append) {
  if (items->empty()) co_return;
  object->Key(name);
  JsonArray array(out);
  for (const T& item : *items) {
    array.Item();
    append(item);
    co_await kPause;
  }
}

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_SLICED_TEXT_H_
