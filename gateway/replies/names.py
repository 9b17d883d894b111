"""Names of people, as who was not meant is told by: "no Tiffany here", "Derrick moved"."""

from __future__ import annotations

MARK = "'"  # at the end of a word that is a name; no other word has it

_NAMES = """
    aaron abby abdul adam adams adrian adriana ahmed aisha akeem alan albert alejandro alex alexis alfred alice
    alicia aliyah allison alonzo alvarez alvin alyssa amanda amber amir amit amos amy anand anderson andre
    andrea andres andrew angel angela angelica anil anita ann anna annie anthony antoine antonio april archie
    arjun armando arnold arthur arun ashley ashlyn ashok aubrey audrey austin autumn ayesha bailey barbara
    beatrice becca becky belinda ben bennett bernard bernice beth betty bianca billy blake bob bobbie bobby
    bonnie brad bradley brandi brandon brandy brenda brent brett brian briana brianna bridget bridgette brittany
    brittney brooke bruce bruno bryan bryce byron caleb calvin cameron campbell candace candice carl carla
    carlos carlton carmelo carmen carol carolina carolyn carrie casey cassandra cassie castillo catherine
    cecilia cedric celeste cesar chad chandra charlene charles charlie charlotte chavez chelsea cheryl chloe
    chris christa christian christina christine christopher cierra cindi cindy claire clara clarence claudia
    clayton clifford clyde cody colleen collins connie corey cornelius cory courtney cristina crystal curtis
    cynthia daisy dale dalton damon dan dana daniel danielle darius darlene darnell darrell darren daryl dave
    david davis dawn deandre deanna deb debbie deborah debra deepak delia delores demetrius denise denisha
    dennis denny derek derick derrick desiree destiny devin devon dewayne dexter diana diane dianne diaz diego
    dolores dominic dominique donald donna donnie doreen dorian dorothy doug douglas duane dustin dwayne dylan
    earl ebony ed eddie eddy edgar edith edmund edna eduardo edward edwards edwin eileen elaine eleanor elena
    eli elijah eliza elizabeth ella ellen elsie elvis emilio emily emma enrique eric erica erik erika erin
    ernest ernesto ernie errol estelle esther ethan ethel eugene eugenia eva evan evans evelyn farah fatima faye
    felicia felix fernanda fernando flora florence fran frances francine francis francisco frank franklin fred
    freddie gabby gabriel gabriela garcia garrett gary gavin gene geoff george gerald geraldine gerard gerardo
    gilbert gina giovanni gladys glen glenn gloria gomez gonzales gonzalez gordon grace greg gregory greta
    guadalupe gus gutierrez gwen hailey hakeem hal hamid hank hannah harold harriet harris harry harvey hassan
    heather hector heidi helen helena henderson hendersons henry herman hernandez hilda hollie holly homer
    horace howard howie hughes hugo hussein ian ibrahim ida ignacio imani imran ines ingrid irene iris irma
    irving isaac isabel isabella ivan jack jackie jackson jacob jada jaime jake jalen jamaal jamal james jamie
    jane janelle janet janice janine jared jarvis jasmine jason javier javon jay jayden jayla jean jeanette
    jeanne jeannie jeff jeffery jeffrey jenn jenna jennifer jenny jeremy jermaine jerome jerry jesse jessica
    jesus jill jim jimmy jo joan joann joanne jocelyn jodi joe joel joey john johnathan johnny johnson johnsons
    jolanda jolene jon jonah jonathan jones jordan jordyn jorge jose josefina joseph joshua josiah josie joyce
    juan juanita judith judy julia julian julianne julie julio june justin kaitlyn kara kareem karen karim karl
    kate katelyn katherine kathleen kathryn kathy katie katrina kayla keisha keith kelly kelsey kelvin ken
    kendra kenneth kenny kerry kevin khalid kiara kim kimberley kimberly kiran kirk kristen kristin kristina
    krystal kumar kurt kyla kyle lakeisha lakshmi lamar lana lance larry latasha latisha latonya latoya laura
    lauren lauryn lavonne lawrence leah leo leon leonard leroy leslie leticia lewis lila lillian linda lindsay
    lionel lisa lloyd logan lois lola lopez lorenzo loretta lori lorna lorraine louis louise lucas lucia lucy
    luis luisa luke luther lydia lynda lynette lynn mabel mackenzie madison malcolm malik mandy manuel marcia
    marco marcos marcus marcy margaret maria marie marilyn mario marisol marlene marquis marsha marshall martha
    martin martinez marvin mary mason mateo mathew matt matthew mattie maureen maurice maxine maya megan melanie
    melinda melissa melvin mendoza mercedes meredith mia micah michael michelle miguel mike miller miranda
    miriam misty mitch mitchell mohamed mohammed molly monica morales morgan morris moses muhammad murphy
    mustafa myers myra nadia nadine nancy naomi natalie natasha nathan nathaniel neil nelly nelson nestor nguyen
    nicholas nick nicole nikki nina nirav noah noel nora norma norman octavia olga oliver olivia omar orlando
    ortiz osama oscar otis otto pablo paige pam pamela patel patrice patricia patrick patsy patty paul paula
    paulette pauline pedro peggy penny perry peter peterson phil philip phillip phillips philomena phyllis
    pierre preston priscilla priya quentin quincy rachael rachel rafael rafaela rahul raj rajesh ralph ramesh
    ramon ramona ramos randall randy rashad raul ravi ray raymond rebecca rebekah reggie regina reginald rene
    renee reuben reyes rhonda ricardo richard richardson rick rico rita rivera robert roberta roberto roberts
    robin robinson rochelle rocky roderick rodney rodrigo rodriguez roger rogers roland rolando roman ronald
    ronnie rosa rosalie rosalind rosario rosemarie rosemary ross roxana roxanne roy ruben ruby rudy rufus ruiz
    russel russell ruth ryan sabrina sadie sally salma salvador sam samantha samir samuel sandeep sandra sanjay
    santiago sara sarah sasha saul scott sean selena serena sergio seth shanice shaniqua shannon shantel shari
    sharon sharonda shaun shauna shawn shawna sheena sheila shelby shelia shelly sheri sherry sheryl shirley
    sidney sierra silvia simon simone smith smiths sofia sonia sonya sophia sophie spencer stacy stanley stefan
    stefanie stella stephanie stephen steve steven stevie stewart stuart sue summer sunil suresh susan susie
    suzanne sylvia tabitha tamara tameka tamika tammy tania tanisha tanya tara tasha tatiana taylor ted teresa
    terrance terrell terrence terry tessa thaddeus thelma theo theodore theresa thomas thompson tia tiana
    tiffany tim timothy tina tito toby todd tom tommy toni tony tracey tracie tracy travis trevor tricia trina
    trisha tristan troy tyler tyrell tyrone ursula valeria valerie vanessa vera vernon veronica vicki vicky
    victor victoria vijay vincent viola violet virginia vivian viviana wade wallace walt walter wanda warren
    watson wayne wendell wendy wesley whitney wilbur wilfred william williams willie wilma wilson winston xavier
    yasmin yesenia yolanda yusuf yvette yvonne zach zachary zoe
"""
NAMES = frozenset(_NAMES.split())


def marked(word: str) -> str:
    """The word, with a mark where it is a name, or is somebody's."""
    return f"{word}{MARK}" if word in NAMES or (word[-1:] == "s" and word[:-1] in NAMES) else word
