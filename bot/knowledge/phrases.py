"""What Kasama says around the answers, in English; `content/locale/` holds every other language.

The key is the message context in the catalogs, so two sentences with the same English text can differ elsewhere.
Only GSM-7 characters here: one other character makes an SMS cost twice.
Names in braces are filled in; translations keep them exactly.
"""

from __future__ import annotations

PHRASES: dict[str, str] = {
    # Beginning, end, small talk
    "greet": "Hello, I am Kasama. I answer questions about working abroad: fees, contract, pay, papers, your rights, "
    "who can help. Write your question in your own words. If you are in danger, write HELP.",
    "greet_again": "Hello again. What do you want to know?",
    "thank": "You are welcome. Write any time.",
    "goodbye": "Take care of yourself. I am here day and night.",
    "bot_challenge": "I am a computer program, not a person. What I say comes from checked sources. If you want a person, write PERSON.",
    "menu": "What is it about? Pick one, or just write your question.",
    "menu_more": "More topics. Pick one, or just write your question.",
    # Route
    "ask_route": "Which country are you from, and where do you work or want to go?",
    "ask_origin": "Which country are you from?",
    "ask_destination": "In which country do you work, or where do you want to go?",
    "route_set": "Good, from {origin} to {destination}. My answers are for that route now.",
    "route_set_origin": "Good, you are from {origin}. Where do you work, or where do you want to go?",
    "route_set_destination": "Good, {destination}. Which country are you from?",
    "route_assumed": "I take it that your route is {origin} to {destination}. If not, write it to me.",
    "route_assumed_origin": "I take it that you are from {origin}. If not, write it to me.",
    "route_assumed_destination": "I take it that you are in {destination}. If not, write it to me.",
    "route_unclear": "I did not find a country in that. Write it like this: from Nepal to Kuwait.",
    # Language
    "language_set": "Good, I write in English from now on.",
    "language_ask": "Which language do you want?",
    "language_unknown": "I do not speak that language yet. I can write in: {languages}.",
    # Not understood: never the same words twice in a row
    "clarify": "I want to answer the right question. Do you mean one of these?",
    "clarify_again": "I am still not sure. Pick a topic, or ask for a person.",
    "clarify_person": "I do not understand this well enough to give a safe answer. I can ask a person to write to you. Shall I?",
    "out_of_scope": "I know about working abroad: fees, contract, pay, papers, rights and help. On other things I cannot give a good answer.",
    "slow_down": "Many messages came from you at once; I cannot read them all. Wait a minute, then write your question. "
    "In danger? Write HELP.",
    "empty": "I got your message but no words in it. Write me in a few words what you need.",
    "media": "I got what you sent, but I can only read words. Write me in a few words what you need.",
    "location": "I got your location. It goes to nobody unless you ask for help. Write me in a few words what you need.",
    "media_again": "I got this too. If you write a few words, I can answer.",
    "sticker": "Thank you. I am here.",
    "nothing_to_confirm": "Good. What do you want to know?",
    "nothing_to_decline": "All right. What do you want to know?",
    "no_more": "That was all I have on this. Ask me something else, or ask for a person.",
    "old_choice": "That list is old. Write your question in your own words.",
    # The model is down
    "dialogue_down": "I got your message. I cannot look up the answer at this moment; I will send it as soon as I can.",
    "dialogue_down_emergency": "If you are in danger now, call {numbers} in {country}.",
    # Danger
    "danger_check": "I want to be sure: are you in danger now?",
    "danger_no": "I am glad. I will not pass it on. Write HELP at any time.",
    "case_more": "I have given this message to {partner} too.",
    "case_safe": "Good that you are safe now. I have told {partner}. You can write to me at any time.",
    "case_no_consent": "I understand. I have told {partner} that you do not want to be contacted.",
    # A person should act, no danger
    "help_ask": "I can pass your message to {partner}, so that a person helps you with this. They will see your number. Shall I?",
    "human_ask": "I can ask {partner} to write to you. They will see your number and what you wrote. Shall I?",
    "help_passed": "Done. Your message is with {partner}. A person will write to you here. I cannot promise when.",
    "help_declined": "All right, I pass nothing on. You can ask me again at any time.",
    # Hide, stop, delete
    "hide": "Good recipe. I will try it on Sunday.",
    "hide_tip": "Is your phone full? Hold a chat in the list and tap Delete.",
    "hide_more": "Thank you. I will cook it too.",
    "hide_news": "I have a new recipe for you. Write to me when you have time.",
    # Words that alone hide the talk, with commas between them; every translation keeps "hide"
    "hide_words": "hide",
    "stop": "You will get no more messages from me. If you want to write again, write START.",
    "start": "I am here again. What do you want to know?",
    "delete_ask": "Shall I delete everything I have about you: your number, your messages, your route? A call for help that was "
    "passed on stays with {partner}.",
    "delete_done": "It is deleted. If you write again, we start anew.",
    "delete_done_help": "It is deleted. Only your call for help stays with {partner} until it is closed, 30 days at most.",
    "delete_kept": "All right, I keep it.",
    # SMS to a country that does not let everything pass
    "sms_left_out": "An SMS to {country} may not hold long phone numbers or links. I left them out.",
    "sms_left_out_telegram": "On Telegram I can send them to you.",
    # The bot's menu in Telegram; about: at most 120 characters in every language
    "command_start": "Begin",
    "command_help": "Topics",
    "command_language": "Language",
    "command_hide": "Clear this chat",
    "command_delete": "Delete my data",
    "command_about": "Questions about working abroad, day and night.",
    # Choices
    "choice_yes": "Yes",
    "choice_no": "No",
    "choice_safe": "I am safe now",
    "choice_not_safe": "I am not safe",
    "choice_no_contact": "Do not contact me",
    "choice_danger_yes": "Yes",
    "choice_danger_no": "No, just a question",
    "choice_more": "More",
    "choice_person": "Ask a person",
    "choice_other": "Something else",
    "choice_menu": "Topics",
    "topic_fees": "Fees",
    "topic_contract": "Contract",
    "topic_wages": "Pay",
    "topic_working_time": "Hours and days off",
    "topic_documents": "Passport and papers",
    "topic_rights": "My rights",
    "topic_contacts": "Whom to call",
    "topic_agency": "Is my agency honest",
    "topic_health": "Health and pregnancy",
    "topic_leaving": "Changing or leaving a job",
    "topic_status": "Without a valid visa",
    "topic_predeparture": "Before I leave",
    "topic_remittance": "Sending money home",
    "topic_return": "Coming home",
    "topic_complaint": "How to complain",
    "topic_living": "Room, food, phone",
    # A person has her case, or should
    "case_wait": "Nobody at {partner} has answered yet. I keep trying.",
    "case_taken": "A caseworker of {partner} has read your message and can write to you here. For me, the program, write BOT.",
    "contact_ask": "When is it safe to write to you? Pick one, or write it in your own words.",
    "contact_any_time": "Any time",
    "contact_noted": "Good, I have noted it and passed it on.",
    "case_pass_ask": "{other} also helps women like you. May I give them your message and your number?",
    "case_passed": "Done. {other} has your message too.",
    "case_taken_back": "Done. I have told them that they may no longer use your message.",
    "choice_take_back": "Take it back",
    "case_bot_back": "It is me again, the program. What do you want to know?",
    # What a caseworker can send with one click
    "reply_person": "I have read your message. I am a person, not the program.",
    "reply_safe": "Is it safe for you to write now?",
    "reply_where": "Where are you now? Write only what is safe for you.",
    "reply_later": "I will write to you again. You can write here at any time.",
    # Kinds of danger, as partners read them
    "kind_violence": "violence",
    "kind_sexual": "sexual violence",
    "kind_confined": "locked in",
    "kind_trafficking": "trafficking",
    "kind_selfharm": "danger to herself",
    "kind_medical": "medical emergency",
    "kind_threat": "threats",
    "kind_help": "call for help",
    "kind_request": "asks for a person",
    "unknown": "not known",
}
