#include "server/codec/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <string_view>

namespace skep::server {
namespace {

// Unpacks by zlib's own reader, which checks the frame and its sums.
std::string Unpack(std::string_view packed, std::size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST(Gzip, UnpacksToTheText) {
  for (const std::size_t size : {0U, 1U, 1400U, 100'000U}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>((i * i) % 251);
    EXPECT_EQ(Unpack(Gzip(text), size), text) << size;
  }
}

TEST(Gzip, MakesRepeatingTextShort) { EXPECT_LT(Gzip(std::string(100'000, 'x')).size(), 1000U); }

TEST(GzipStream, UnpacksToAllThatWasPut) {
  std::string text;
  std::string packed;
  const auto stream = GzipStream::Create();
  ASSERT_NE(stream, nullptr);
  for (std::size_t size : {0U, 1U, 300'000U, 5U, 100'000U}) {
    std::string part;
    for (std::size_t i = 0; i < size; ++i) part += static_cast<char>((i * i * size) % 251);
    stream->Put(part, GzipStream::Part::kMore, &packed);
    text += part;
  }
  stream->Put("end", GzipStream::Part::kLast, &packed);
  EXPECT_EQ(Unpack(packed, text.size() + 3), text + "end");
}

TEST(GzipStream, LastPartMayBeEmpty) {
  const auto stream = GzipStream::Create();
  ASSERT_NE(stream, nullptr);
  std::string packed;
  stream->Put("text", GzipStream::Part::kMore, &packed);
  stream->Put("", GzipStream::Part::kLast, &packed);
  EXPECT_EQ(Unpack(packed, 4), "text");
}

TEST(AcceptsGzip, ByNameOrStar) {
  for (const std::string_view field :
       {"gzip", "GZIP", "gzip,deflate", "deflate, gzip;q=0.5", "br ,\tgzip ; q=1", "*",
        "gzip;q=0.001", "identity;q=0, *;q=0.5", "*;q=0, gzip", "gzip, *;q=0", ",,gzip"}) {
    EXPECT_TRUE(AcceptsGzip(field)) << field;
  }
}

TEST(AcceptsGzip, NotWithoutItsNameNorWithWeightZero) {
  for (const std::string_view field :
       {"", "identity", "deflate", "xgzip", "gzipx", "x-gzip", "gzip;q=0", "gzip;q=0.000",
        "gzip; Q = 0", "*;q=0", "gzip;q=0, *", "*, gzip;q=0", "br;q=1.0", ",", ";q=1"}) {
    EXPECT_FALSE(AcceptsGzip(field)) << field;
  }
}

}  // namespace
}  // namespace skep::server
