// Journal: where the parts of an engine hand over the bytes of their changes. Watermark: up to
// where these are durable.
//
// A part that has none (no storage) encodes nothing, and has nothing to wait for.
#ifndef SKEP_STORAGE_JOURNAL_H_
#define SKEP_STORAGE_JOURNAL_H_

#include <functional>

#include "skep/result.h"
#include "skep/revision.h"
#include "skep/storage.h"

namespace skep::storage {

class Journal {
 public:
  virtual ~Journal() = default;

  /// Asked before a change is made: an error where storage has failed and nothing may be changed
  /// any more (kStorageFailed, 503001), or where so much waits for it that more would not be
  /// bounded (kStorageBusy, 429001: only for now). Threading: with the engine's writer lock held.
  virtual Status Writable() const = 0;

  /// The bytes of the change that took `revision`; they become durable in the order of the calls.
  /// Must not block. Threading: with the engine's writer lock held, once for each revision.
  virtual void Append(Revision revision, WriteBatch batch) = 0;
};

/// Behind each change that was published follows the moment at which it is durable. Threading: any.
class Watermark {
 public:
  virtual ~Watermark() = default;

  /// Returns when the change is durable, at once where it is already. Errors: kStorageFailed.
  virtual Status WaitDurable(Revision revision) = 0;

  /// Calls `fn` once when the change is durable, or with the error that keeps it from being so; on
  /// the calling thread where that is known, else on the storage's. Locking: none held. `fn` must
  /// not block and not throw.
  virtual void WhenDurable(Revision revision, std::function<void(Status)> fn) = 0;
};

}  // namespace skep::storage

#endif  // SKEP_STORAGE_JOURNAL_H_
