#include "server/codec/json_writer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace skep::server {
namespace {

std::string Written(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

struct TextCase {
  std::string_view what;
  std::string text;
  std::string written;
};

class JsonString : public ::testing::TestWithParam<TextCase> {};

// Each text is written at every distance from the eight-byte steps of the quick path.
TEST_P(JsonString, IsWrittenAsTheReferenceDoes) {
  for (std::size_t before = 0; before < 9; ++before) {
    for (std::size_t after = 0; after < 9; ++after) {
      const std::string left(before, 'l');
      const std::string right(after, 'r');
      EXPECT_EQ(Written(left + GetParam().text + right),
                "\"" + left + GetParam().written + right + "\"");
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    , JsonString,
    ::testing::Values(TextCase{"Nothing", "", ""},
                      TextCase{"Letters", "rest://10.0.0.1:8080", "rest://10.0.0.1:8080"},
                      TextCase{"Quote", "\"", R"(\")"}, TextCase{"Backslash", "\\", R"(\\)"},
                      TextCase{"Slash", "/", "/"}, TextCase{"Apostrophe", "'", "'"},
                      TextCase{"LineBreaks", "\n\r\t", R"(\n\r\t)"},
                      TextCase{"OtherControls", std::string("\0\x01\b\f\x1f", 5),
                               R"(\u0000\u0001\u0008\u000c\u001f)"},
                      TextCase{"Delete", "\x7f", "\x7f"},
                      TextCase{"Html", "<a>&b", R"(\u003ca\u003e\u0026b)"},
                      TextCase{"Neighbours", "!#%'=?[]^", "!#%'=?[]^"},
                      TextCase{"TwoBytes", "\u00e9", "\u00e9"},
                      TextCase{"ThreeBytes", "\u4f60", "\u4f60"},
                      TextCase{"FourBytes", "\U0001f600", "\U0001f600"},
                      TextCase{"LineSeparators", "\u2028\u2029\u202a", "\\u2028\\u2029\u202a"},
                      TextCase{"NotUtf8", "\xff", R"(\ufffd)"},
                      TextCase{"CutShort", "\xe4\xbd", R"(\ufffd\ufffd)"},
                      TextCase{"Overlong", "\xc0\x80", R"(\ufffd\ufffd)"},
                      TextCase{"Surrogate", "\xed\xa0\x80", R"(\ufffd\ufffd\ufffd)"},
                      TextCase{"BeyondUnicode", "\xf4\x90\x80\x80", R"(\ufffd\ufffd\ufffd\ufffd)"}),
    [](const auto& test) { return std::string(test.param.what); });

TEST(JsonWriter, DecimalsOfAllSizes) {
  std::string out;
  AppendDecimal(0, &out);
  out += ' ';
  AppendDecimal(-1, &out);
  out += ' ';
  AppendDecimal(std::numeric_limits<std::int64_t>::min(), &out);
  EXPECT_EQ(out, "0 -1 -9223372036854775808");
}

TEST(JsonWriter, ObjectLeavesOutWhatIsZeroOrEmpty) {
  std::string out;
  {
    JsonObject object(&out);
    object.Text("a", "");
    object.Number("b", 0);
    object.NumberText("c", 0);
    object.TextAlways("d", "");
    object.Number("e", -3);
    object.NumberText("f", 12);
    object.Entry("<k>", "");
  }
  EXPECT_EQ(out, R"({"d":"","e":-3,"f":"12","\u003ck\u003e":""})");
}

TEST(JsonWriter, EmptyObjectAndArray) {
  std::string out;
  {
    JsonObject object(&out);
  }
  {
    JsonArray array(&out);
  }
  EXPECT_EQ(out, "{}[]");
}

}  // namespace
}  // namespace skep::server
