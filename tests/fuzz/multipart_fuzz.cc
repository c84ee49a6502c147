// Multipart bodies of any bytes: the first line is the content type. What is found lies within the
// body, and stands there between a header's end and a boundary.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/codec/multipart.h"

namespace skep::server {
namespace {

constexpr std::string_view kBoundary = "the boundary of this test";

void Require(bool holds) {
  if (!holds) std::abort();
}

bool IsWithin(std::string_view view, std::string_view body) {
  return view.empty() ||
         (view.data() >= body.data() && view.data() + view.size() <= body.data() + body.size());
}

// Any content that does not hold the boundary comes back as it is.
void CheckContent(std::string_view content) {
  if (content.find(kBoundary) != std::string_view::npos) return;
  const std::string boundary(kBoundary);
  const std::string body = "--" + boundary + "\r\nContent-Disposition: form-data; name=f\r\n\r\n" +
                           std::string(content) + "\r\n--" + boundary + "--";
  const auto file =
      FindMultipartFile("multipart/form-data; boundary=\"" + boundary + "\"", body, "f");
  Require(file.ok() && file->content == content);
}

void CheckBody(std::string_view type, std::string_view body) {
  const Result<MultipartFile> file = FindMultipartFile(type, body, "f");
  if (!file.ok()) {
    Require(!file.error().detail().empty());
    return;
  }
  Require(IsMultipart(type));
  Require(IsWithin(file->content, body));
  Require(IsWithin(file->content_type, body));
  Require(IsWithin(file->file_name, body));
  const auto begin = static_cast<std::size_t>(file->content.data() - body.data());
  Require(body.substr(0, begin).ends_with("\r\n\r\n"));
  const std::string_view rest = body.substr(begin + file->content.size());
  Require(rest.starts_with("\r\n--") || (file->content.empty() && rest.starts_with("--")));
}

}  // namespace
}  // namespace skep::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view body = text.substr(std::min(end + 1, text.size()));
  skep::server::CheckBody(text.substr(0, end), body);
  skep::server::CheckContent(body);
  return 0;
}
