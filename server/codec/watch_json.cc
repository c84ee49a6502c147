#include "server/codec/watch_json.h"

#include <string_view>
#include <utility>

#include "server/codec/instance_memo.h"
#include "server/codec/json_writer.h"
#include "server/codec/registry_json.h"
#include "skep/memo.h"

namespace skep::server {
namespace {

class KeptText final : public Memo {
 public:
  explicit KeptText(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}
  const std::shared_ptr<const std::string>& text() const { return text_; }

 private:
  const std::shared_ptr<const std::string> text_;
};

std::string_view Word(WatchAction action) {
  switch (action) {
    case WatchAction::kInit:
      return "INIT";
    case WatchAction::kCreate:
      return "CREATE";
    case WatchAction::kUpdate:
      return "UPDATE";
    case WatchAction::kDelete:
    case WatchAction::kExpire:
      break;
  }
  return "DELETE";
}

}  // namespace

void AppendEvent(WatchAction action, const Instance& instance, const Tenant& tenant,
                 std::string* out) {
  JsonObject object(out);
  object.Text("action", Word(action));
  object.Key("key");
  AppendMicroserviceKey(KeyOf(instance, tenant), out);
  object.Key("instance");
  AppendInstanceFromMemo(instance, out);
}

std::shared_ptr<const std::string> EventText(const InstanceEvent& event) {
  // Nobody but this file puts memos there, so what is there is of its type.
  if (const Memo* memo = event.memo.Get()) return static_cast<const KeptText*>(memo)->text();
  auto text = std::make_shared<std::string>();
  AppendEvent(event.action, event.instance, *event.tenant, text.get());
  text->shrink_to_fit();
  const std::size_t bytes = sizeof(KeptText) + sizeof(std::string) + text->capacity();
  const auto kept = MemoPtr<KeptText>::Adopt(new KeptText(std::move(text)));
  event.memo.Put(*kept, bytes);
  return kept->text();
}

}  // namespace skep::server
