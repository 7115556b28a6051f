// A page that came as the answer to a form (refused, or done and told once) is gone back to, or loaded anew, as the page of
// its address: browsers would send the form once more, or show an error of their own.

const answer = document.querySelector(".error-summary, .password");
if (answer) history.replaceState(history.state, "");
