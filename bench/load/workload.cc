#include "bench/load/workload.h"

#include <cstring>
#include <utility>

#include "bench/load/text.h"
#include "bench/support/die.h"

namespace skep::bench {

void Workload::AppendRequest(std::size_t index, std::uint64_t serial, std::string* out) const {
  const std::size_t start = out->size();
  out->append(whole.empty() ? frame : whole[index]);
  char* request = out->data() + start;
  if (whole.empty()) {
    std::memcpy(request + hole_at, fillings.data() + index * hole_size, hole_size);
  }
  for (const std::size_t at : serials_at) WriteHex(serial, request + at);
}

void Workload::AddPoll(std::string request, std::string_view field, std::string revision) {
  revision_field = field;
  revision_at.push_back(request.find(" HTTP/1.1"));
  revisions.push_back(std::move(revision));
  whole.push_back(std::move(request));
}

void Workload::SetFrame(std::string request, std::string_view filling) {
  frame = std::move(request);
  hole_at = frame.find(filling);
  hole_size = filling.size();
  Check(hole_at != std::string::npos, "a request without its hole");
}

void Workload::SetSerials(std::string_view mark) {
  Check(mark.size() == kHexDigits, "a mark of another length");
  const std::string& request = whole.empty() ? frame : whole.front();
  serials_at.clear();
  for (std::size_t at = request.find(mark); at != std::string::npos;
       at = request.find(mark, at + kHexDigits)) {
    serials_at.push_back(at);
  }
  Check(!serials_at.empty(), "a request without a serial number");
}

Workload ForFloor(const Workload& workload) {
  Workload floor = workload;
  floor.expected = {{.body_size = workload.expected.front().body_size}};
  return floor;
}

}  // namespace skep::bench
