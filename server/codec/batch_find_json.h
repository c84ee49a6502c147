// Bodies of the batch find (spec 7.6).
#ifndef SKEP_SERVER_CODEC_BATCH_FIND_JSON_H_
#define SKEP_SERVER_CODEC_BATCH_FIND_JSON_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/codec/json_reader.h"
#include "skep/registry/discovery.h"
#include "skep/result.h"

namespace skep::server {

/// What was asked for; its texts live until the reader's next body.
struct BatchFindRequest {
  std::vector<FindQuery> services{};
  std::vector<InstanceQuery> instances{};
};

/// An element that is null, or lacks its "service" or "instance", is an error. All errors are
/// kInvalidParams.
Result<BatchFindRequest> ReadBatchFind(JsonReader& reader, std::string_view body);

/// A body in pieces, so that the text of a whole family is sent from where it lies and neither
/// encoded nor copied: `text` with each list put in at its place.
struct BatchFindBody {
  struct List {
    std::size_t at = 0;  ///< In `text`; ascending.
    std::string_view bytes{};
    std::shared_ptr<const std::string> owner{};
  };

  std::string text{};
  std::vector<List> lists{};
};

/// REQUIRES: no element failed with an error of the server's own (kInternal).
BatchFindBody MakeBatchFindBody(const BatchFound& found);

}  // namespace skep::server

#endif  // SKEP_SERVER_CODEC_BATCH_FIND_JSON_H_
