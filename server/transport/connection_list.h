// ConnectionList: an intrusive list in the order in which its members were added.
#ifndef SKEP_SERVER_TRANSPORT_CONNECTION_LIST_H_
#define SKEP_SERVER_TRANSPORT_CONNECTION_LIST_H_

namespace skep::server {

/// A member of at most one list.
struct ListHook {
  ListHook* prev = nullptr;
  ListHook* next = nullptr;
};

/// Thread-safety: none.
class ConnectionList {
 public:
  ConnectionList() { head_.prev = head_.next = &head_; }
  ConnectionList(const ConnectionList&) = delete;
  ConnectionList& operator=(const ConnectionList&) = delete;

  bool empty() const { return head_.next == &head_; }
  ListHook* front() const { return head_.next; }
  bool is_end(const ListHook* hook) const { return hook == &head_; }

  void PushBack(ListHook* hook) {
    hook->prev = head_.prev;
    hook->next = &head_;
    head_.prev->next = hook;
    head_.prev = hook;
  }

  static void Remove(ListHook* hook) {
    hook->prev->next = hook->next;
    hook->next->prev = hook->prev;
    hook->prev = hook->next = nullptr;
  }

 private:
  ListHook head_;
};

}  // namespace skep::server

#endif  // SKEP_SERVER_TRANSPORT_CONNECTION_LIST_H_
