// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <functional>
#include <mutex>
#include <utility>

#include "common/os/mounts.hpp"
#include "common/scope.hpp"
#include "common/untrusted_text.hpp"
#include "daemon/async/timed_calls.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/process/child.hpp"
#include "daemon/process/child_system.hpp"
#include "daemon/process/program_runner.hpp"

namespace jackin {
namespace {

using asio::posix::stream_descriptor;

constexpr std::size_t chunk = 4096;
constexpr std::size_t errors_kept = 4096;
// Threads for locating programs.
constexpr std::size_t lookup_threads = 16;
// How long the run waits for the end of a killed program. A killed process ends at once, unless the kernel waits for a
// mount's server on its behalf.
constexpr auto kill_limit = std::chrono::seconds(2);

// The folder that a lookup is reading, reported from the lookup's thread.
class LookedAt {
 public:
  void set(const std::filesystem::path& path) {
    const std::lock_guard lock(mutex_);
    path_ = path;
  }
  std::filesystem::path get() const {
    const std::lock_guard lock(mutex_);
    return path_;
  }

 private:
  mutable std::mutex mutex_;
  std::filesystem::path path_;
};

Error not_found_in_time(const std::string& name, const std::filesystem::path& stuck_at) {
  const std::string where = stuck_at.empty() ? "a folder on PATH" : printable(stuck_at.string());
  return {Reason::timed_out, "cannot search for the program " + printable(name) + ": " + where + " does not answer",
          Remedy::try_again("when " + where + " answers again, or is not on PATH any more")};
}

// A program's output, as it arrives.
struct Stream {
  explicit Stream(const asio::any_io_executor& executor) : descriptor(executor) {}
  stream_descriptor descriptor;
  Secret bytes;
};

// One program from start to end. Each pending wait shares it; the last one destroys it, and with it the child.
class Run : public std::enable_shared_from_this<Run> {
 public:
  enum class Stop { none, timed_out, too_much, cancelled };

  Run(const asio::any_io_executor& executor, std::size_t output_limit)
      : executor_(executor),
        output_limit_(output_limit),
        input_(executor),
        output_(executor),
        errors_(executor),
        exit_(executor) {}

  // Starts the program. Closes the program's ends of the pipes here, so that the daemon's ends see the end of file.
  Result<> start(const ProgramCall& call, std::optional<Secret> input) {
    TRY(auto output, process::make_pipe());
    TRY(auto errors, process::make_pipe());
    process::Pipe typed;
    if (input) {
      TRY(typed, process::make_pipe());
    } else {
      typed.read_end = os::Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
      if (!typed.read_end) return failure(error_from_errno("cannot open /dev/null", errno));
    }
    TRY(auto child,
        process::Child::start(call, {typed.read_end.get(), output.write_end.get(), errors.write_end.get(), false}));
    child_.emplace(std::move(child));
    TRY(auto exit, process::watch_exit(child_->pid()));
    exit_.assign(exit.release());
    output_.descriptor.assign(output.read_end.release());
    output_.descriptor.native_non_blocking(true);
    errors_.descriptor.assign(errors.read_end.release());
    errors_.descriptor.native_non_blocking(true);
    if (input) {
      typed_ = std::move(*input);
      input_.assign(typed.write_end.release());
    }
    return {};
  }

  // Waits for all events; calls `done` once, when the program has ended and is reaped.
  void watch(Clock& clock, Clock::Duration limit, std::function<void(std::shared_ptr<Run>)> done) {
    done_ = std::move(done);
    clock_ = &clock;
    timeout_ = async::Timeout(executor_, clock, limit, [run = weak_from_this()] {
      if (const auto self = run.lock()) self->stop(Stop::timed_out);
    });
    await_exit();
    pump(output_);
    pump(errors_);
    if (input_.is_open()) feed();
  }

  // Ends the program early. Its exit then ends the run. If the exit does not follow, the caller continues and the run
  // waits for it alone.
  void stop(Stop why) {
    if (stop_ != Stop::none || ended_) return;
    stop_ = why;
    child_->signal(SIGKILL);
    if (why == Stop::too_much) return;
    timeout_ = async::Timeout(executor_, *clock_, kill_limit, [run = weak_from_this()] {
      const auto self = run.lock();
      if (!self) return;
      if (const auto done = std::exchange(self->done_, nullptr)) done(self);
    });
  }

  // Whether the program ran; known once the run has ended.
  const Result<>& started() const { return started_; }

  Stop stopped() const { return stop_; }

  ProgramResult result() {
    // A program that ended just before it was killed is still a failure.
    return {stop_ == Stop::too_much ? 128 + SIGKILL : exit_code_, std::move(output_.bytes),
            OutsideText(last_part(errors_.bytes)), stop_ == Stop::too_much};
  }

 private:
  void await_exit() {
    exit_.async_wait(stream_descriptor::wait_read, [self = shared_from_this()](const asio::error_code& error) {
      if (!error && !self->child_->exit_code()) {
        self->await_exit();
        return;
      }
      self->finish();
    });
  }

  // Waits, then reads directly: a read by Asio could have taken bytes whose handler runs after the exit's handler.
  void pump(Stream& stream) {
    stream.descriptor.async_wait(stream_descriptor::wait_read,
                                 [self = shared_from_this(), &stream](const asio::error_code& error) {
                                   if (self->ended_ || error) return;
                                   if (take(stream) != Taken::end && self->keep_within_limits(stream)) {
                                     self->pump(stream);
                                   }
                                 });
  }

  enum class Taken { something, nothing_yet, end };

  // Reads at most about one chunk of the available bytes.
  static Taken take(Stream& stream) {
    const auto space = stream.bytes.prepare(chunk);
    ssize_t count = 0;
    do {
      count = ::read(stream.descriptor.native_handle(), space.data(), space.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0 && errno == EAGAIN) return Taken::nothing_yet;
    if (count <= 0) return Taken::end;
    stream.bytes.commit(static_cast<std::size_t>(count));
    return Taken::something;
  }

  void feed() {
    asio::async_write(input_, asio::buffer(typed_.view().data(), typed_.size()),
                      [self = shared_from_this()](const asio::error_code&, std::size_t) {
                        // A program may stop reading its input early.
                        self->close(self->input_);
                        self->typed_.clear();
                      });
  }

  bool keep_within_limits(Stream& stream) {
    if (&stream == &errors_) {
      if (errors_.bytes.size() > 4 * errors_kept) errors_.bytes = Secret::copy_of(last_part(errors_.bytes));
      return true;
    }
    if (output_.bytes.size() <= output_limit_) return true;
    stop(Stop::too_much);
    return false;
  }

  // Reads what remains in the pipe. Another process that holds the pipe may continue to write. So this does not wait,
  // and reads no more than a pipe can hold (1 MiB, pipe(7)).
  void drain(Stream& stream) {
    for (std::size_t taken = 0; taken < (std::size_t{1} << 20); taken += chunk) {
      if (take(stream) != Taken::something || !keep_within_limits(stream)) break;
    }
    close(stream.descriptor);
  }

  void finish() {
    if (ended_) return;
    // Output over the limit is detected only while ended_ is false.
    drain(output_);
    drain(errors_);
    ended_ = true;
    started_ = child_->started();
    // A run that was stopped kills its whole group; a program that ended by itself may leave processes.
    exit_code_ = stop_ == Stop::none ? child_->reap() : child_->end();
    timeout_.cancel();
    close(input_);
    close(exit_);
    if (const auto done = std::exchange(done_, nullptr)) done(shared_from_this());
  }

  static void close(stream_descriptor& descriptor) {
    asio::error_code ignored;
    descriptor.close(ignored);  // NOLINT(bugprone-unused-return-value): nothing can be done about it
  }

  // Cut before a word: the middle of a credential cannot be recognized as one (outside_text()).
  static std::string_view last_part(const Secret& bytes) {
    std::string_view part = bytes.view();
    if (part.size() <= errors_kept) return part;
    part.remove_prefix(part.size() - errors_kept);
    return part.substr(std::min(part.find_first_of(" \t\r\n"), part.size()));
  }

  asio::any_io_executor executor_;
  Clock* clock_ = nullptr;
  std::size_t output_limit_;
  std::optional<process::Child> child_;
  Secret typed_;
  stream_descriptor input_;
  Stream output_;
  Stream errors_;
  stream_descriptor exit_;
  async::Timeout timeout_;
  std::function<void(std::shared_ptr<Run>)> done_;
  Stop stop_ = Stop::none;
  Result<> started_;
  bool ended_ = false;
  int exit_code_ = 0;
};

class SystemProgramRunner final : public ProgramRunner {
 public:
  SystemProgramRunner(asio::any_io_executor executor, Clock& clock, std::filesystem::path home)
      : executor_(std::move(executor)),
        clock_(clock),
        lookups_(clock, lookup_threads, os::separate_mounts(std::move(home))) {}

  Task<FoundProgram> locate(std::string name, std::string search_path) override {
    const auto looked_at = std::make_shared<LookedAt>();
    // An absolute name has the group of its mount. A bare name has none: it may be in a folder before the one that
    // hangs.
    std::string key = name + '\n' + search_path;
    auto work = [name, search_path = std::move(search_path), looked_at] {
      return locate_program(name, search_path, [&](const std::filesystem::path& path) { looked_at->set(path); });
    };
    auto found = co_await lookups_.run(std::move(key), std::move(work));
    if (!found && found.error().reason == Reason::timed_out && found.error().remedy.empty()) {
      co_return failure(not_found_in_time(name, looked_at->get()));
    }
    co_return found;
  }

  Task<ProgramResult> run(ProgramCall call) override {
    const std::string name = printable(call.program.string());
    if (co_await async::cancelled_already()) co_return failure(Reason::cancelled, "cancelled");
    auto run = std::make_shared<Run>(executor_, call.output_limit);
    std::optional<Secret> input = std::exchange(call.input, std::nullopt);
    if (auto started = run->start(call, std::move(input)); !started) {
      Error error = std::move(started).error();
      error.reason = Reason::program_failed;
      co_return failure(std::move(error));
    }
    // The run holds this coroutine until its end, so the coroutine must not hold the run.
    const auto finished = co_await ended(std::move(run), call.limit);
    switch (finished->stopped()) {
      case Run::Stop::none:
      case Run::Stop::too_much:
        break;
      case Run::Stop::cancelled:
        co_return failure(Reason::cancelled, "cancelled");
      case Run::Stop::timed_out:
        co_return failure(Reason::timed_out,
                          name + " did not finish within " + std::to_string(call.limit.count()) + " s and was stopped");
    }
    if (!finished->started()) co_return failure(finished->started().error());
    co_return finished->result();
  }

 private:
  asio::awaitable<std::shared_ptr<Run>> ended(std::shared_ptr<Run> run, std::chrono::seconds limit) {
    return asio::async_initiate<const asio::use_awaitable_t<>, void(std::shared_ptr<Run>)>(
        [this, limit](auto handler, std::shared_ptr<Run> watched) {
          // Cancellation only kills; the wait still ends with the program.
          if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
            slot.assign([weak = std::weak_ptr(watched)](asio::cancellation_type) {
              if (const auto self = weak.lock()) self->stop(Run::Stop::cancelled);
            });
          }
          // std::function requires a copyable target.
          auto resume = std::make_shared<decltype(handler)>(std::move(handler));
          watched->watch(clock_, limit, [resume, executor = executor_](std::shared_ptr<Run> finished) {
            asio::post(executor, [resume, finished = std::move(finished)]() mutable {
              std::move (*resume)(std::move(finished));
            });
          });
        },
        asio::use_awaitable, std::move(run));
  }

  asio::any_io_executor executor_;
  Clock& clock_;
  async::TimedCalls lookups_;
};

}  // namespace

std::unique_ptr<ProgramRunner> system_program_runner(asio::any_io_executor executor, Clock& clock,
                                                     std::filesystem::path home) {
  return std::make_unique<SystemProgramRunner>(std::move(executor), clock, std::move(home));
}

}  // namespace jackin
