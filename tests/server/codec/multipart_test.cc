#include "server/codec/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "skep/kie/errors.h"
#include "tests/support/error_matchers.h"

namespace skep::server {
namespace {

using skep::testing::ErrorIs;
using ::testing::HasSubstr;

constexpr std::string_view kType = "multipart/form-data; boundary=b";
constexpr std::string_view kNamed = "Content-Disposition: form-data; name=\"upload_file\"\r\n\r\n";

Result<MultipartFile> Find(std::string_view body, std::string_view type = kType) {
  return FindMultipartFile(type, body, "upload_file");
}

std::string Part(std::string_view content, std::string_view header = kNamed) {
  return "--b\r\n" + std::string(header) + std::string(content) + "\r\n";
}

auto IsRefused(const std::string& why) {
  return ErrorIs(KieErrc::kInvalidParams,
                 HasSubstr("decode request body failed: multipart: " + why));
}

TEST(Multipart, FindsThePart) {
  const std::string body =
      "----WebKitFormBoundary7MA4YWxkTrZu0gW\r\n"
      "Content-Disposition: form-data; name=\"upload_file\"; filename=\"custom_1663124521493.json\""
      "\r\n"
      "Content-Type: application/json\r\n"
      "\r\n"
      "{\"data\":[]}\r\n"
      "----WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n";
  const MultipartFile file =
      Find(body, "multipart/form-data; boundary=--WebKitFormBoundary7MA4YWxkTrZu0gW").value();
  EXPECT_EQ(file.content, "{\"data\":[]}");
  EXPECT_EQ(file.content_type, "application/json");
  EXPECT_EQ(file.file_name, "custom_1663124521493.json");
  // Not a copy.
  EXPECT_EQ(file.content.data(), body.data() + body.find('{'));
}

TEST(Multipart, FindsItAmongOthers) {
  const std::string other = Part("x", "Content-Disposition: form-data; name=other\r\n\r\n");
  EXPECT_EQ(Find(other + Part("a") + other + "--b--").value().content, "a");
}

TEST(Multipart, PreambleAndEpilogueArePassedOver) {
  EXPECT_EQ(
      Find("For old\r\nreaders.\r\n" + Part("a") + "--b--\r\nThe end.\r\n--b\r\n").value().content,
      "a");
}

TEST(Multipart, ContentIsTakenAsItIs) {
  for (const std::string_view content :
       {"", "\r\n", "a\r\n", "\r\n\r\n\r\n", "--", "\n--b--", "\r\n-b", "\r\n--c\r\n",
        "\r\n--bx\r\n", "\r\n--b x\r\n", "\r\n--b-\r\n", "\r\n --b\r\n"}) {
    EXPECT_EQ(Find(Part(content) + "--b--").value().content, content) << content;
  }
  EXPECT_EQ(Find("--b\r\n" + std::string(kNamed) + "--b--").value().content, "");
}

TEST(Multipart, BlanksMayFollowABoundary) {
  const std::string body = "--b \t\r\n" + std::string(kNamed) + "a\r\n--b--  ";
  EXPECT_EQ(Find(body).value().content, "a");
}

TEST(Multipart, BoundariesAreQuotedOrNot) {
  const std::string body = Part("a") + "--b--";
  for (const std::string_view type :
       {"multipart/form-data;boundary=b", "Multipart/Form-Data ; charset=utf-8; Boundary=\"b\"",
        "multipart/form-data; boundary=b;", "multipart/form-data; x=\"a;b=\\\"c\"; boundary=b"}) {
    EXPECT_EQ(Find(body, type).value().content, "a") << type;
  }
  EXPECT_EQ(Find("--a b\r\n" + std::string(kNamed) + "x\r\n--a b--",
                 "multipart/form-data; boundary=\"a b\"")
                .value()
                .content,
            "x");
}

TEST(Multipart, RefusesContentTypesThatSayNoBoundary) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "the content type is not"},
      {"application/json", "the content type is not"},
      {"multipart/mixed; boundary=b", "the content type is not"},
      {"multipart/form-data", "the content type names no boundary"},
      {"multipart/form-data; boundary=\"\"", "the content type names no boundary"},
      {"multipart/form-data; boundary=", "the content type's parameters"},
      {"multipart/form-data; boundary=\"b", "the content type's parameters"},
      {"multipart/form-data; boundary", "the content type's parameters"},
      {"multipart/form-data; boundary=b; boundary=c", "the content type's parameters"},
      {"multipart/form-data; boundary=b c", "the content type's parameters"},
      {"multipart/form-data; boundary=\"b \"", "the boundary is not one"},
      {"multipart/form-data; boundary=\"b<\"", "the boundary is not one"},
      {"multipart/form-data; boundary=" + std::string(71, 'b'), "the boundary is not one"},
  };
  for (const auto& [type, why] : cases) {
    EXPECT_THAT(Find(Part("a") + "--b--", type), IsRefused(why)) << type;
  }
  const std::string longest(70, 'b');
  EXPECT_EQ(Find("--" + longest + "\r\n" + std::string(kNamed) + "a\r\n--" + longest + "--",
                 "multipart/form-data; boundary=" + longest)
                .value()
                .content,
            "a");
}

TEST(Multipart, RefusesBodiesWithoutThePart) {
  EXPECT_THAT(Find("--b--"), IsRefused("no part 'upload_file'"));
  for (const std::string_view name : {"other", "Upload_File", "upload_file2", "\"\""}) {
    const std::string header =
        "Content-Disposition: form-data; name=" + std::string(name) + "\r\n\r\n";
    EXPECT_THAT(Find(Part("a", header) + "--b--"), IsRefused("no part 'upload_file'")) << name;
  }
  EXPECT_THAT(Find(Part("a") + Part("b") + "--b--"), IsRefused("two parts 'upload_file'"));
}

TEST(Multipart, RefusesBodiesThatEndEarly) {
  const std::string body = Part("a");
  for (std::size_t size = 0; size <= body.size(); ++size) {
    EXPECT_THAT(Find(body.substr(0, size)), IsRefused("")) << size;
  }
  EXPECT_THAT(Find(body), IsRefused("the closing boundary is missing"));
  EXPECT_THAT(Find(body + "--b-"), IsRefused("the closing boundary is missing"));
  EXPECT_THAT(Find("{}"), IsRefused("the closing boundary is missing"));
}

TEST(Multipart, RefusesLineEndsThatAreNotCrLf) {
  EXPECT_THAT(Find("--b\n" + std::string(kNamed) + "a\n--b--\n"),
              IsRefused("the closing boundary is missing"));
  EXPECT_THAT(Find("--b\r\nContent-Disposition: form-data; name=upload_file\n\na\r\n--b--"),
              IsRefused(""));
}

TEST(Multipart, RefusesHeadersThatAreNotWellFormed) {
  const std::pair<std::string, std::string> cases[] = {
      {"\r\n", "a part without a name"},
      {"Content-Type: text/yaml\r\n\r\n", "a part without a name"},
      {"Content-Disposition: form-data\r\n\r\n", "a part without a name"},
      {"Content-Disposition: attachment; name=upload_file\r\n\r\n", "a Content-Disposition"},
      {"Content-Disposition: form-data; name=\"upload_file\r\n\r\n", "a Content-Disposition"},
      {"Content-Disposition: form-data; name=a; name=upload_file\r\n\r\n", "a Content-Disposition"},
      {"Content-Disposition: form-data; name=a\r\n" + std::string(kNamed), "a part with two names"},
      {"Content-Disposition: form-data;\r\n name=upload_file\r\n\r\n", "a header line"},
      {"Content-Disposition : form-data; name=upload_file\r\n\r\n", "a header line"},
      {": x\r\n" + std::string(kNamed), "a header line"},
      {"Content-Transfer-Encoding: base64\r\n" + std::string(kNamed), "a transfer encoding"},
  };
  for (const auto& [header, why] : cases) {
    EXPECT_THAT(Find(Part("a", header) + "--b--"), IsRefused(why)) << header;
  }
}

TEST(Multipart, OtherHeadersArePassedOver) {
  const std::string header =
      "X-Other: a; b=\"\r\nContent-Transfer-Encoding: Binary\r\n"
      "content-disposition: FORM-DATA; filename*=UTF-8''x%20y; filename=\"a\\\"b\"; "
      "name=upload_file\r\n\r\n";
  const std::string body = Part("a", header) + "--b--";
  const MultipartFile file = Find(body).value();
  EXPECT_EQ(file.content, "a");
  EXPECT_EQ(file.file_name, "a\\\"b");
  EXPECT_EQ(file.content_type, "");
}

TEST(Multipart, APartsHeaderHasALimit) {
  const auto padded = [](std::size_t bytes) {
    const std::string_view field = "X: \r\n";
    return "X: " + std::string(bytes - field.size() - kNamed.size(), 'x') + "\r\n" +
           std::string(kNamed);
  };
  EXPECT_EQ(Find(Part("a", padded(kMultipartHeaderBytesMax)) + "--b--").value().content, "a");
  EXPECT_THAT(Find(Part("a", padded(kMultipartHeaderBytesMax + 1)) + "--b--"),
              IsRefused("a part's header has no end, or is too large"));
}

TEST(Multipart, PartsHaveALimit) {
  std::string body = Part("a");
  for (std::size_t i = 1; i < kMultipartPartsMax; ++i) {
    body += Part("", "Content-Disposition: form-data; name=x\r\n\r\n");
  }
  EXPECT_EQ(Find(body + "--b--").value().content, "a");
  EXPECT_THAT(Find(body + Part("", "Content-Disposition: form-data; name=x\r\n\r\n") + "--b--"),
              IsRefused("too many parts"));
}

// Whoever compares at each place anew would need hours for these.
TEST(Multipart, TimeIsLinear) {
  const std::string boundary = std::string(69, '-') + "b";
  const std::string type = "multipart/form-data; boundary=" + boundary;
  for (const std::string_view piece : {"\r\n", "-", "\r\n--", "\r", "\r\n-----------"}) {
    std::string body = "--" + boundary + "\r\n" + std::string(kNamed);
    while (body.size() < (std::size_t{8} << 20)) body += piece;
    EXPECT_THAT(Find(body, type), IsRefused("the closing boundary is missing"));
  }
}

}  // namespace
}  // namespace skep::server
