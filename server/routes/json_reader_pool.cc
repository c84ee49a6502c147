#include "server/routes/json_reader_pool.h"

#include "base/thread_index.h"

namespace skep::server {

JsonReaderPool::~JsonReaderPool() {
  for (std::atomic<JsonReader*>& place : places_) delete place.load(std::memory_order_acquire);
}

JsonReaderPool::Loan JsonReaderPool::Borrow() {
  std::atomic<JsonReader*>& place = places_[base::ThreadIndex() % kPlaces];
  std::unique_ptr<JsonReader> reader(place.exchange(nullptr, std::memory_order_acq_rel));
  if (reader == nullptr) reader = std::make_unique<JsonReader>();
  return Loan(this, std::move(reader));
}

void JsonReaderPool::GiveBack(std::unique_ptr<JsonReader> reader) {
  std::atomic<JsonReader*>& place = places_[base::ThreadIndex() % kPlaces];
  const std::unique_ptr<JsonReader> earlier(
      place.exchange(reader.release(), std::memory_order_acq_rel));
}

}  // namespace skep::server
