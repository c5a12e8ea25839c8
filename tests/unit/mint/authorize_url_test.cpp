// SPDX-License-Identifier: Apache-2.0
#include "daemon/mint/authorize_url.hpp"

#include <gtest/gtest.h>

#include "tests/unit/mint/artist.hpp"

namespace jackin::mint {
namespace {

class AuthorizeUrl : public testing::Test {
 protected:
  void show(Screen& screen, const std::vector<std::string>& rows) {
    for (const auto& row : rows) {
      const auto line = row + "\r\n";
      screen.write({line.data(), line.size()});
    }
  }

  test::Random random{3};
  std::string url = test::random_authorize_url(random);
  AuthorizeUrlReader reader;
};

TEST_F(AuthorizeUrl, Read_AnyWidth) {
  for (int columns = 20; columns <= 400; columns += 7) {
    for (const int indent : {0, 1, 2}) {
      Screen screen({40, columns});
      show(screen, {"Use this URL:", ""});
      show(screen, test::wrapped(url, columns, indent));
      show(screen, {"", " Paste code here >"});
      reader = {};
      ASSERT_EQ(reader.read(screen), url) << columns << " columns, indented by " << indent;
    }
  }
}

TEST_F(AuthorizeUrl, Read_ShortForm) {
  const std::string challenge = "pVWe7uBweay3dfZLkqHo8-1ACZGkriE7J7EWf7OGufE";
  const std::string origin = "https://claude.ai/oauth/authorize?";
  for (const auto& link : {origin + "I" + challenge, origin + "aB_" + challenge + "&login_hint=x%40y"}) {
    for (const int columns : {20, 34, 60, 77, 78, 79, 120}) {
      Screen screen({40, columns});
      show(screen, {"Use this URL:", ""});
      show(screen, test::wrapped(link, columns, 0));
      show(screen, {"", " Paste code here"});
      reader = {};
      ASSERT_EQ(reader.read(screen), link) << columns;
    }
  }
  for (const auto& other : {origin + challenge, origin + "I" + challenge.substr(1), origin + "I=" + challenge,
                            "https://claude.ai/elsewhere?I" + challenge, origin + challenge + challenge}) {
    EXPECT_FALSE(is_authorize_url(other)) << other;
  }
}

TEST_F(AuthorizeUrl, Read_BoxAndScrolledRows) {
  Screen screen({6, 50});
  show(screen, test::wrapped(url, 50, 1, true));
  show(screen, {"", "Paste:"});
  EXPECT_EQ(reader.read(screen), url);
}

TEST_F(AuthorizeUrl, Read_OncePerConsent) {
  Screen screen({40, 80});
  show(screen, test::wrapped(url, 80, 0));
  EXPECT_TRUE(reader.read(screen));
  EXPECT_FALSE(reader.read(screen));
  const auto next = test::random_authorize_url(random);
  show(screen, {"", "Again:"});
  show(screen, test::wrapped(next, 80, 0));
  EXPECT_EQ(reader.read(screen), next);
  EXPECT_EQ(reader.known().size(), 2U);
}

TEST_F(AuthorizeUrl, Read_IncompleteFirst_ReportedAgain) {
  Screen screen({40, 80});
  show(screen, test::wrapped(url.substr(0, url.size() - 5), 80, 0));
  EXPECT_TRUE(reader.read(screen));
  const std::string rest = "\x1b[H" + url;
  screen.write({rest.data(), rest.size()});
  EXPECT_EQ(reader.read(screen), url);
}

TEST_F(AuthorizeUrl, Read_CutOrOverdrawn_NotReportedAgain) {
  Screen screen({40, 80});
  show(screen, test::wrapped(url, 80, 0));
  EXPECT_TRUE(reader.read(screen));
  screen.resize(60);
  EXPECT_FALSE(reader.read(screen));
  const std::string typed = "\x1b[5;3H*****";
  screen.write({typed.data(), typed.size()});
  EXPECT_FALSE(reader.read(screen));
}

TEST_F(AuthorizeUrl, IsAuthorizeUrl_ParametersOfConsent) {
  EXPECT_TRUE(is_authorize_url(url));
  EXPECT_FALSE(is_authorize_url("https://claude.com/cai/oauth/authorize"));
  EXPECT_FALSE(is_authorize_url(url.substr(0, url.find("&state="))));
  EXPECT_FALSE(is_authorize_url("http" + url.substr(5)));
  EXPECT_EQ(query_parameter(url, "response_type"), "code");
  EXPECT_EQ(query_parameter(url, "type"), "");
}

TEST(MayBeOpened, Url_OtherThanHttps_Refused) {
  EXPECT_TRUE(may_be_opened("https://claude.ai/settings"));
  EXPECT_TRUE(may_be_opened("https://claude.ai"));
  for (const auto* refused :
       {"http://claude.ai/", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///path", "https://:443/",
        "https://claude.ai@elsewhere.example/", "https://claude.ai/a b", "https://claude.ai/\x1b[0m",
        "https://claude.ai/\n", "--https://claude.ai/", "", "https://claude.ai/\"&calc", "https://cl\xc3\xa4ude.ai/"}) {
    EXPECT_FALSE(may_be_opened(refused)) << refused;
  }
  EXPECT_FALSE(may_be_opened("https://claude.ai/" + std::string(5000, 'a')));
}

}  // namespace
}  // namespace jackin::mint
