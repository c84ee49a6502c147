// Journal: where the parts of an engine hand over the bytes of their changes.
//
// A part that has none (no storage) encodes nothing.
#ifndef SKEP_STORAGE_JOURNAL_H_
#define SKEP_STORAGE_JOURNAL_H_

#include "skep/result.h"
#include "skep/revision.h"
#include "skep/storage.h"

namespace skep::storage {

class Journal {
 public:
  virtual ~Journal() = default;

  /// Asked before a change is made: an error where storage has failed and nothing may be changed
  /// any more (503001). Threading: with the engine's writer lock held.
  virtual Status Writable() const = 0;

  /// The bytes of the change that took `revision`; they become durable in the order of the calls.
  /// Must not block. Threading: with the engine's writer lock held, once for each revision.
  virtual void Append(Revision revision, WriteBatch batch) = 0;
};

}  // namespace skep::storage

#endif  // SKEP_STORAGE_JOURNAL_H_
