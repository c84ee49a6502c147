#include "server/codec/instance_memo.h"

#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "server/codec/gzip.h"
#include "server/codec/registry_json.h"
#include "skep/memo.h"

namespace skep::server {
namespace {

// Room set aside for an instance whose text is not made yet.
constexpr std::size_t kInstanceBytesGuess = 512;

// An instance's text in one allocation: this header, then the characters.
class InstanceText final : public Memo {
 public:
  static MemoPtr<InstanceText> Make(std::string_view text) {
    void* place = ::operator new(Bytes(text.size()));
    auto* memo = new (place) InstanceText(text.size());
    std::memcpy(memo->chars(), text.data(), text.size());
    return MemoPtr<InstanceText>::Adopt(memo);
  }

  static std::size_t Bytes(std::size_t text_size) { return sizeof(InstanceText) + text_size; }

  std::string_view text() const {
    return {reinterpret_cast<const char*>(this) + sizeof(InstanceText), size_};
  }

 private:
  explicit InstanceText(std::size_t size) : size_(size) {}

  char* chars() { return reinterpret_cast<char*>(this) + sizeof(InstanceText); }

  void Destroy() const override {
    auto* self = const_cast<InstanceText*>(this);
    self->~InstanceText();
    ::operator delete(self);
  }

  const std::size_t size_;
};

// A text that replies share; it has an owner of its own, for a reply may outlive the snapshot.
class SharedText : public Memo {
 public:
  explicit SharedText(std::string text)
      : text_(std::make_shared<const std::string>(std::move(text))) {}

  const std::shared_ptr<const std::string>& text() const { return text_; }
  std::size_t text_bytes() const { return sizeof(std::string) + text_->capacity(); }

 private:
  const std::shared_ptr<const std::string> text_;
};

// A family's list, and a place for its gzip form.
class ListText final : public SharedText {
 public:
  ListText(std::string text, MemoBudget* budget) : SharedText(std::move(text)), packed_(budget) {}

  const MemoSlot& packed() const { return packed_; }
  std::size_t bytes() const { return sizeof(ListText) + text_bytes(); }

 private:
  const MemoSlot packed_;
};

std::string MakeList(std::span<const Instance> instances) {
  if (instances.empty()) return "{}";
  std::string text;
  text.reserve(instances.size() * kInstanceBytesGuess);
  text += "{\"instances\":[";
  for (const Instance& instance : instances) {
    AppendInstanceFromMemo(instance, &text);
    text += ',';
  }
  text.back() = ']';
  text += '}';
  return text;
}

// The gzip form of `list`, kept; null where it is not worth it or the budget is spent.
const SharedText* Packed(const ListText& list) {
  const std::string& text = *list.text();
  if (text.size() < kGzipBytesMin || text.size() > kKeptGzipBytesMax) return nullptr;
  if (const Memo* memo = list.packed().Get()) return static_cast<const SharedText*>(memo);
  std::string packed = Gzip(text);
  if (packed.empty()) return nullptr;
  packed.shrink_to_fit();
  const auto memo = MemoPtr<SharedText>::Adopt(new SharedText(std::move(packed)));
  const std::size_t bytes = sizeof(SharedText) + memo->text_bytes();
  return static_cast<const SharedText*>(list.packed().Put(*memo, bytes));
}

InstancesBody ShareOrCopy(const ListText& list, Coding accepted) {
  if (accepted == Coding::kGzip) {
    if (const SharedText* packed = Packed(list)) {
      return {.shared = packed->text(), .coding = Coding::kGzip};
    }
  }
  if (list.text()->size() < kSharedListBytesMin) return {.own = *list.text()};
  return {.shared = list.text()};
}

}  // namespace

void AppendInstanceFromMemo(const Instance& instance, std::string* out) {
  const MemoSlot& slot = instance.memo();
  // Nobody but this file puts memos there, so what is there is of its type.
  if (const Memo* memo = slot.Get()) {
    out->append(static_cast<const InstanceText*>(memo)->text());
    return;
  }
  const std::size_t begin = out->size();
  AppendInstance(instance, out);
  const std::string_view text = std::string_view(*out).substr(begin);
  const std::size_t bytes = InstanceText::Bytes(text.size());
  if (slot.budget()->HasRoom(bytes)) slot.Put(*InstanceText::Make(text), bytes);
}

void AppendInstanceBody(const Instance& instance, std::string* out) {
  out->append("{\"instance\":");
  AppendInstanceFromMemo(instance, out);
  out->push_back('}');
}

InstancesBody MakeInstancesBody(const FindResult& found, Coding accepted) {
  if (!found.whole()) return {.own = MakeList(found.instances())};
  const MemoSlot& slot = found.whole().memo();
  if (const Memo* memo = slot.Get()) {
    return ShareOrCopy(*static_cast<const ListText*>(memo), accepted);
  }
  std::string text = MakeList(found.instances());
  text.shrink_to_fit();
  const auto list = MemoPtr<ListText>::Adopt(new ListText(std::move(text), slot.budget()));
  const bool kept = slot.Put(*list, list->bytes()) == list.get();
  return ShareOrCopy(*list, kept ? accepted : Coding::kPlain);
}

}  // namespace skep::server
