// JsonReaderPool: readers with warm buffers, one for each server thread that reads bodies.
//
// Thread-safety: any thread; no lock.
#ifndef SKEP_SERVER_ROUTES_JSON_READER_POOL_H_
#define SKEP_SERVER_ROUTES_JSON_READER_POOL_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "server/codec/json_reader.h"

namespace skep::server {

class JsonReaderPool {
 public:
  /// A borrowed reader; given back at its end, before the pool's.
  class Loan {
   public:
    Loan(JsonReaderPool* pool, std::unique_ptr<JsonReader> reader)
        : pool_(pool), reader_(std::move(reader)) {}
    ~Loan() { pool_->GiveBack(std::move(reader_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    JsonReader& operator*() const { return *reader_; }

   private:
    JsonReaderPool* const pool_;
    std::unique_ptr<JsonReader> reader_;
  };

  JsonReaderPool() = default;
  ~JsonReaderPool();
  JsonReaderPool(const JsonReaderPool&) = delete;
  JsonReaderPool& operator=(const JsonReaderPool&) = delete;

  Loan Borrow();

 private:
  // More threads than this share places, and some of them then make readers of their own.
  static constexpr std::size_t kPlaces = 64;

  void GiveBack(std::unique_ptr<JsonReader> reader);

  std::array<std::atomic<JsonReader*>, kPlaces> places_{};
};

}  // namespace skep::server

#endif  // SKEP_SERVER_ROUTES_JSON_READER_POOL_H_
