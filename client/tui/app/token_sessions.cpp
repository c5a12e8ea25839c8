// SPDX-License-Identifier: Apache-2.0
#include "client/tui/app/token_sessions.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "client/core/browser.hpp"
#include "client/core/token_call.hpp"
#include "client/core/token_session.hpp"
#include "client/tui/app/calls.hpp"
#include "client/tui/app/conversion.hpp"
#include "client/tui/app/frame_cells.hpp"

namespace jackin::tui {
namespace {

// Posts the events of a session to the inbox.
class PostingView : public client::TokenView {
 public:
  PostingView(OperationNumber number, Inbox& inbox) : number_(number), inbox_(inbox) {}

  void on_step(const v1::StepReached& step) override {
    if (auto reached = step_of(number_, step)) post(*std::move(reached));
  }
  void on_frame(const v1::Frame& frame) override {
    screen_.apply(frame);
    is_changed_ = true;
  }
  void on_authorize_url(const std::string& url) override { post(LinkArrived{number_, url}); }
  void on_notice(const v1::Notice& notice) override { post(NoticeArrived{number_, text_of(notice)}); }
  void on_question(const v1::Question& question) override { post(QuestionAsked{number_, question_of(question)}); }
  void on_browser_failed(const std::string& message) override { post(BrowserOpened{number_, message}); }

  /// Posts one screen for all frames that arrived together.
  void post_screen() {
    if (std::exchange(is_changed_, false)) inbox_.post(ScreenChanged{number_, screen_.cells()});
  }

 private:
  // Posts the screen first, so that messages keep the order of the daemon's events.
  void post(Message message) {
    post_screen();
    inbox_.post(std::move(message));
  }

  OperationNumber number_;
  Inbox& inbox_;
  FrameCells screen_;
  bool is_changed_ = false;
};

}  // namespace

class TokenSessions::Run {
 public:
  Run(OperationNumber number, v1::TokenInput first, const TokenSessions& owner)
      : number_(number), first_(std::move(first)), owner_(owner) {
    if (pipe(wake_.data()) != 0) {
      // Without the pipe the thread could not be woken.
      end_.error = error_from_errno("making a pipe", errno);
      has_ended_ = true;
      owner_.inbox_.post(OperationEnded{number_, *end_.error});
      return;
    }
    for (const int fd : wake_) {
      fcntl(fd, F_SETFD, FD_CLOEXEC);
      fcntl(fd, F_SETFL, O_NONBLOCK);
    }
    thread_ = std::thread([this] {
      run();
      has_ended_ = true;
    });
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    leave();
    for (const int fd : wake_) {
      if (fd >= 0) close(fd);
    }
  }

  /// Waits for the thread. Returns how the operation ended.
  const End& leave() {
    if (thread_.joinable()) {
      post(Leave());
      thread_.join();
    }
    return end_;
  }

  void post(Command command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    [[maybe_unused]] const auto written = write(wake_[1], "", 1);
  }

  bool has_ended() const { return has_ended_; }

 private:
  struct Handler {
    client::TokenSession& session;
    client::TokenView& view;
    bool& is_cancelled;

    void operator()(const SendKeys& keys) const { session.send_keys(keys.bytes.view()); }
    void operator()(const SendCode& code) const { session.send_code(code.code.view()); }
    void operator()(const ResizeClaude& resize) const { session.send_size(resize.size.rows, resize.size.columns); }
    void operator()(const Answer& answer) const {
      // The daemon may have closed the question meanwhile, by reporting the next step.
      if (session.is_asking()) session.answer(choice_of(answer.choice));
    }
    void operator()(const Cancel& /*cancel*/) const {
      is_cancelled = true;
      session.cancel();
    }
    void operator()(const Reap& /*reap*/) const { session.reap_browser(view); }
    void operator()(const Leave& /*leave*/) const { session.leave(); }
  };

  std::deque<Command> drain() {
    const std::lock_guard lock(mutex_);
    std::array<char, 16> bytes{};
    while (read(wake_[0], bytes.data(), bytes.size()) > 0) {
    }
    return std::exchange(commands_, {});
  }

  void run() {
    const auto connection = owner_.connect_();
    if (!connection) {
      end_.error = connection.error();
      return owner_.inbox_.post(OperationEnded{number_, connection.error(), true});
    }
    client::TokenCall call(*connection, first_);
    client::TokenSession session(call, [this](const std::string& url) {
      auto browser = client::open_browser(owner_.environment_, url);
      if (browser) owner_.inbox_.post(BrowserOpened{number_, {}});
      return browser;
    });
    PostingView view(number_, owner_.inbox_);
    bool is_named = false;
    while (!session.is_over()) {
      std::array<pollfd, 2> waits{{{session.fd(), POLLIN, 0}, {wake_[0], POLLIN, 0}}};
      if (poll(waits.data(), waits.size(), -1) < 0) continue;
      for (Command& command : drain()) std::visit(Handler{session, view, is_cancelled_}, command);
      session.handle_events(view);
      view.post_screen();
      if (!is_named && !session.operation_id().empty()) {
        is_named = true;
        owner_.inbox_.post(OperationNamed{number_, session.operation_id()});
      }
    }
    tell_end(session, *connection);
  }

  void tell_end(client::TokenSession& session, const client::Connection& connection) {
    const client::TokenEnd end = session.finish();
    end_ = {end.departure, session.is_captured(), end.report.has_value(), end.error};
    if (end.report) {
      owner_.inbox_.post(OperationEnded{number_, report_of(*end.report)});
    } else if (end.error) {
      // After the capture the daemon finishes without this call. Operations.Watch reports the end.
      const bool is_by_user = is_cancelled_ && end.error->reason == Reason::cancelled;
      if (!is_by_user && may_go_on_after(*end.error) && session.is_captured() && !session.operation_id().empty()) {
        owner_.inbox_.post(OperationLost{number_});
      } else {
        const bool daemon_ends = !is_by_user && daemon_ends_after(connection, *end.error);
        owner_.inbox_.post(OperationEnded{number_, *end.error, daemon_ends});
      }
    }
  }

  const OperationNumber number_;
  const v1::TokenInput first_;
  const TokenSessions& owner_;
  std::array<int, 2> wake_{-1, -1};
  std::mutex mutex_;  // guards the commands
  std::deque<Command> commands_;
  std::atomic<bool> has_ended_{false};
  bool is_cancelled_ = false;  // by the user; only the thread
  End end_;                    // only the thread, until it has ended
  std::thread thread_;
};

TokenSessions::TokenSessions(Environment environment, client::Connect connect, Inbox& inbox)
    : environment_(std::move(environment)), connect_(std::move(connect)), inbox_(inbox) {}

TokenSessions::~TokenSessions() {
  leave();
}

void TokenSessions::start(OperationNumber number, v1::TokenInput first) {
  std::erase_if(sessions_, [](const auto& entry) { return entry.second->has_ended(); });
  sessions_.emplace(number, std::make_unique<Run>(number, std::move(first), *this));
}

bool TokenSessions::post(OperationNumber number, Command command) {
  const auto run = sessions_.find(number);
  if (run == sessions_.end() || run->second->has_ended()) return false;
  run->second->post(std::move(command));
  return true;
}

bool TokenSessions::send(SendKeys&& input) {
  const auto number = input.number;
  return post(number, std::move(input));
}
bool TokenSessions::send(SendCode&& input) {
  const auto number = input.number;
  return post(number, std::move(input));
}
bool TokenSessions::send(const ResizeClaude& input) {
  return post(input.number, input);
}
bool TokenSessions::send(const Answer& input) {
  return post(input.number, input);
}
bool TokenSessions::send(Cancel&& input) {
  const auto number = input.number;
  return post(number, std::move(input));
}

void TokenSessions::reap_browsers() {
  for (const auto& [number, run] : sessions_) run->post(Reap());
}

TokenSessions::Ends TokenSessions::leave() {
  Ends ends;
  for (const auto& [number, run] : sessions_) run->post(Leave());
  for (const auto& [number, run] : sessions_) ends.emplace(number, run->leave());
  sessions_.clear();
  return ends;
}

}  // namespace jackin::tui
