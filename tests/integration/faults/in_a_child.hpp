// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace jackin::faults {

/// Returns the result of `work`, which runs in a process forked off this one. Threads that it starts, and the
/// process-wide state of libraries, end with it. Throws the same text when it throws, or when the process does not end
/// normally.
std::string in_a_child(const std::function<std::string()>& work);

}  // namespace jackin::faults
